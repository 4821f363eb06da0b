import { Button, SegmentedControl, Select, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import {
  type Conflict,
  type ConflictCode,
  type ConflictQuery,
  conflictCodes,
  type DecideReport,
} from "../../contract/merge.ts";
import { ExportButton } from "../shared/export-button.tsx";
import { formatCount, formatNumber } from "../shared/format.ts";
import { Waiting } from "../shared/loaded.tsx";
import { LongTable, type LongTableColumn } from "../shared/long-table.tsx";
import { FailureNotice } from "../shared/notice.tsx";
import { Section } from "../shared/page.tsx";
import { usePagedRows } from "../shared/paged-rows.ts";
import { conflictWords, decisionWords } from "../shared/words.ts";
import { useActivity } from "../shell/activity-context.tsx";
import { useClients } from "../shell/clients-context.tsx";
import { useTask } from "../shell/queries.ts";
import { ConflictDrawer } from "./conflict-drawer.tsx";
import { DecisionsReport } from "./decisions-report.tsx";
import "./conflicts.css";
import { userIdWords } from "../shared/window-words.ts";

const columns: LongTableColumn<Conflict>[] = [
  {
    title: "Conflict",
    width: "minmax(0, 2.2fr)",
    cell: ({ code }) => <span title={conflictWords[code]}>{conflictWords[code]}</span>,
  },
  { title: "About", width: "minmax(0, 2fr)", cell: (conflict) => <About conflict={conflict} /> },
  {
    title: "In words",
    width: "minmax(0, 3fr)",
    cell: ({ detail }) => <span title={userIdWords(detail)}>{userIdWords(detail)}</span>,
  },
  {
    title: "Decision",
    width: "minmax(0, 1.6fr)",
    cell: ({ decision, suggestion }) =>
      decision === null ? (
        <span className="dimmed" title={`Suggested: ${decisionWords(suggestion)}`}>
          Undecided
        </span>
      ) : (
        <span title={decisionWords(decision)}>{decisionWords(decision)}</span>
      ),
  },
];

function About({ conflict: { emails, userIds, conflictId, code } }: { conflict: Conflict }) {
  const words = [...emails, ...userIds].join(", ") || conflictId.slice(code.length + 1);
  return <span title={words}>{words}</span>;
}

/** The open conflict and its place in the list, counted from 0; the conflict is null while its row is on the way. */
interface Opened {
  position: number;
  conflict: Conflict | null;
}

type Decided = "all" | "undecided" | "decided";
const anyCode = "any";

interface ConflictsProps {
  /** How many there are of each kind. */
  counts: Partial<Record<ConflictCode, number>>;
  undecided: number;
}

/** What the files disagree on. Every conflict has a safe default, so none of them must be decided. */
export function Conflicts({ counts, undecided }: ConflictsProps) {
  const { engine, host } = useClients();
  const activity = useActivity();
  const [code, setCode] = useState<ConflictCode | null>(null);
  const [decided, setDecided] = useState<Decided>("all");
  const [text, setText] = useState("");
  const [searched] = useDebouncedValue(text.trim(), 250);
  const [opened, setOpened] = useState<Opened | null>(null);
  const [report, setReport] = useState<DecideReport | null>(null);

  const filter: Omit<ConflictQuery, "offset" | "limit"> = {
    ...(code && { codes: [code] }),
    ...(searched && { text: searched }),
    ...(decided !== "all" && { decided: decided === "decided" }),
  };
  const rows = usePagedRows<Conflict>(
    ["conflicts", filter],
    async (range) => {
      const { total, conflicts } = await engine.merge.conflicts({ ...filter, ...range });
      return { total, rows: conflicts };
    },
    opened?.position,
  );
  const openRow = opened && rows.row(opened.position);
  // A conflict once opened stays open, also when a decision takes it out of the filtered list.
  if (opened && opened.conflict === null && openRow) setOpened({ ...opened, conflict: openRow });
  const isStillThere = openRow?.conflictId === opened?.conflict?.conflictId;
  const move = (position: number) => setOpened({ position, conflict: null });
  const importing = useTask(async () => {
    const [file] = await host.dialogs.openFiles({
      title: "Choose the conflict file with your decisions",
      filters: [{ name: "CSV", extensions: ["csv"] }],
    });
    if (file !== undefined) setReport(await engine.merge.importDecisions({ file }));
  });

  const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
  if (all === 0) {
    return (
      <Section title="Conflicts">
        <div className="empty">
          <p>None. The files agree with each other.</p>
        </div>
      </Section>
    );
  }
  return (
    <Section
      title="Conflicts"
      explanation={`${formatCount(all, "conflict")}, ${formatNumber(undecided)} undecided. Each has a safe default that holds until you decide, so you can go on without deciding.`}
      aside={
        <>
          <ExportButton
            title="Save the conflicts"
            defaultName="conflicts.csv"
            write={(file) => engine.merge.exportConflicts({ file })}
          >
            Export to CSV…
          </ExportButton>
          <Button
            size="xs"
            variant="default"
            disabled={activity !== null}
            loading={importing.isPending}
            onClick={() => importing.mutate()}
          >
            Import decisions…
          </Button>
        </>
      }
    >
      {importing.isError && <FailureNotice error={importing.error} />}
      {report && <DecisionsReport report={report} onClose={() => setReport(null)} />}
      <div className="conflicts-filter">
        <TextInput
          aria-label="Search conflicts"
          placeholder="Search address, user ID or words"
          leftSection={<IconSearch size={16} aria-hidden />}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <Select
          aria-label="Kind of conflict"
          data={[
            { value: anyCode, label: `All kinds (${formatNumber(all)})` },
            ...conflictCodes
              .filter((value) => (counts[value] ?? 0) > 0)
              .map((value) => ({
                value,
                label: `${conflictWords[value]} (${formatNumber(counts[value] ?? 0)})`,
              })),
          ]}
          value={code ?? anyCode}
          allowDeselect={false}
          maxDropdownHeight={360}
          onChange={(value) => setCode(value === anyCode ? null : (value as ConflictCode))}
        />
        <SegmentedControl
          aria-label="Decided or not"
          data={[
            { value: "all", label: "All" },
            { value: "undecided", label: "Undecided" },
            { value: "decided", label: "Decided" },
          ]}
          value={decided}
          onChange={(value) => setDecided(value as Decided)}
        />
      </div>
      {rows.error !== null && (
        <FailureNotice
          error={rows.error}
          actions={
            <Button size="xs" variant="default" onClick={rows.retry}>
              Try again
            </Button>
          }
        />
      )}
      {rows.total === null && rows.error === null && <Waiting>Reading the conflicts…</Waiting>}
      {rows.total === 0 && (
        <div className="empty" role="status">
          <p>No conflict matches this filter.</p>
        </div>
      )}
      {rows.total !== null && rows.total > 0 && (
        <>
          <LongTable
            label="Conflicts"
            columns={columns}
            total={rows.total}
            row={rows.row}
            onRange={rows.onRange}
            onOpen={move}
            height={420}
          />
          <p className="dimmed small" style={{ margin: 0 }}>
            {formatCount(rows.total, "conflict")} shown. Arrow keys move, Enter opens.
          </p>
        </>
      )}
      <ConflictDrawer
        conflict={opened?.conflict ?? null}
        opened={opened !== null}
        position={opened?.position ?? 0}
        total={rows.total ?? 0}
        nextPosition={(opened?.position ?? 0) + (isStillThere ? 1 : 0)}
        onMove={move}
        onClose={() => setOpened(null)}
      />
    </Section>
  );
}
