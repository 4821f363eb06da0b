import { Button, Group, NativeSelect, Table, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type {
  DestinationCode,
  DestinationConflict,
  DestinationDecision,
} from "../../contract/destination.ts";
import { formatCount, formatNumber } from "../shared/format.ts";
import { FailureNotice } from "../shared/notice.tsx";
import { ScrollRegion } from "../shared/scroll-region.tsx";
import { userIdWords } from "../shared/window-words.ts";
import { useActivity } from "../shell/activity-context.tsx";
import { useClients } from "../shell/clients-context.tsx";
import { useTask } from "../shell/queries.ts";
import { destinationTitles } from "./destination-words.ts";

/** Shown at a time; the others are found by searching, or decided in the spreadsheet. */
const mostShown = 50;

/** The conflicts of one kind, each with its decision, and one decision for all that have none. */
export function ConflictDecisions({ code }: { code: DestinationCode }) {
  const { engine } = useClients();
  const activity = useActivity();
  const [text, setText] = useState("");
  const [searched] = useDebouncedValue(text.trim(), 250);
  const filter = { codes: [code], ...(searched && { text: searched }), offset: 0, limit: mostShown };
  const page = useQuery({
    queryKey: ["destination-conflicts", filter],
    queryFn: () => engine.destination.conflicts(filter),
  });
  const deciding = useTask((given: { conflictId: string; decision: string }) =>
    engine.destination.decide(given),
  );
  const decidingAll = useTask((decision: DestinationDecision) =>
    engine.destination.decideAll({ code, decision }),
  );
  const busy = activity !== null || deciding.isPending || decidingAll.isPending;
  const conflicts = page.data?.conflicts ?? [];
  return (
    <>
      {page.isError && <FailureNotice error={page.error} />}
      {deciding.isError && <FailureNotice error={deciding.error} />}
      {decidingAll.isError && <FailureNotice error={decidingAll.error} />}
      <Group gap="sm">
        <TextInput
          size="xs"
          aria-label={`Search: ${destinationTitles[code]}`}
          placeholder="Search address or ID"
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        {(conflicts[0]?.choices ?? []).map(({ decision, label }) => (
          <Button
            key={decision}
            size="xs"
            variant="default"
            disabled={busy}
            aria-label={`${label}, for all undecided`}
            onClick={() => decidingAll.mutate(decision)}
          >
            All undecided: {label.toLowerCase()}
          </Button>
        ))}
      </Group>
      <ScrollRegion label={`Conflicts: ${destinationTitles[code]}`}>
        <Table fz="sm" verticalSpacing={8}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Person</Table.Th>
              <Table.Th>What Customer.io would do</Table.Th>
              <Table.Th>Decision</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {conflicts.map((conflict) => (
              <Table.Tr key={conflict.conflictId}>
                <Table.Td>{[conflict.userId, conflict.email].filter(Boolean).join(", ")}</Table.Td>
                <Table.Td>{userIdWords(conflict.detail)}</Table.Td>
                <Table.Td>
                  <Decision
                    conflict={conflict}
                    disabled={busy}
                    onDecide={(decision) => deciding.mutate({ conflictId: conflict.conflictId, decision })}
                  />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </ScrollRegion>
      {page.data && page.data.total > mostShown && (
        <p className="dimmed small" style={{ margin: 0 }}>
          {formatNumber(mostShown)} of {formatCount(page.data.total, "conflict")} shown. Search for the
          others, or decide them in the CSV.
        </p>
      )}
    </>
  );
}

interface DecisionProps {
  conflict: DestinationConflict;
  disabled: boolean;
  onDecide: (decision: string) => void;
}

function Decision({ conflict, disabled, onDecide }: DecisionProps) {
  const { choices, decision, suggestion, userId, email } = conflict;
  const given = decision === "accept" ? suggestion : decision;
  const suggested = choices.find((choice) => choice.decision === suggestion)?.label ?? suggestion;
  return (
    <NativeSelect
      size="xs"
      aria-label={`Decision for ${userId ?? email}`}
      disabled={disabled}
      value={given ?? ""}
      onChange={(event) => event.currentTarget.value && onDecide(event.currentTarget.value)}
      data={[
        ...(given === null ? [{ value: "", label: `Undecided (${suggested.toLowerCase()})` }] : []),
        ...choices.map((choice) => ({ value: choice.decision, label: choice.label })),
      ]}
    />
  );
}
