import { Button, Group, Radio, Table, Title } from "@mantine/core";
import { useState } from "react";
import type { SourceConnection } from "../../contract/pulls.ts";
import { formatNumber, formatShare } from "../shared/format.ts";
import { ScrollRegion } from "../shared/scroll-region.tsx";
import { sourceTitles } from "../shared/words.ts";
import { doubtAbout } from "./pull-words.ts";

interface UserIdChoiceProps {
  connection: SourceConnection;
  disabled: boolean;
  /** Gets the field; null where people are known by their address alone. */
  onChoose: (field: string | null) => void;
  onCancel: () => void;
}

/** No field can be called this: the contract's fields are never empty. */
const none = "";

/** Which field of a source holds the user ID. What stands by its name is suggested; the operator confirms it. */
export function UserIdChoice({ connection, disabled, onChoose, onCancel }: UserIdChoiceProps) {
  const { source, account, candidates, suggestion } = connection;
  const [chosen, setChosen] = useState(suggestion);
  const title = sourceTitles[source];
  const doubted = candidates.find(({ field }) => field === chosen);
  return (
    <form
      className="user-id-choice"
      aria-label={`User ID of ${title}`}
      onSubmit={(event) => {
        event.preventDefault();
        if (chosen !== null) onChoose(chosen === none ? null : chosen);
      }}
    >
      <div>
        <Title order={4} fz="md">
          Which field holds the user ID?
        </Title>
        <p className="dimmed small">
          The key opens <strong>{account}</strong>
          {candidates.length === 0 ? ", where no field of the sample looks like a user ID" : ""}. The user ID
          is what tells people apart in your own product and in Customer.io; it joins them over all sources.{" "}
          {candidates.length > 0 &&
            "Sendgate looked at a sample and guesses nothing: confirm the field, or choose another."}
        </p>
      </div>
      <Radio.Group value={chosen} onChange={setChosen} aria-label={`Field with the user ID of ${title}`}>
        {candidates.length > 0 && (
          <ScrollRegion label={`Fields of ${title} that may hold the user ID`} maxHeight={360}>
            <Table fz="sm" verticalSpacing={8} withTableBorder>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Field</Table.Th>
                  <Table.Th className="number">Filled</Table.Th>
                  <Table.Th className="number">Different</Table.Th>
                  <Table.Th>Examples</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {candidates.map((candidate) => (
                  <Table.Tr key={candidate.field}>
                    <Table.Td className="user-id-field">
                      <Radio
                        value={candidate.field}
                        label={
                          <>
                            <code>{candidate.field}</code>
                            {candidate.field === suggestion && <span className="dimmed"> (suggested)</span>}
                          </>
                        }
                      />
                    </Table.Td>
                    <Table.Td className="number">
                      {formatShare(candidate.filled, candidate.sampled)}
                      <div className="dimmed small">
                        {formatNumber(candidate.filled)} of {formatNumber(candidate.sampled)}
                      </div>
                    </Table.Td>
                    <Table.Td className="number">
                      {formatShare(candidate.distinct, candidate.filled)}
                      <div className="dimmed small">
                        {formatNumber(candidate.distinct)} of {formatNumber(candidate.filled)}
                      </div>
                    </Table.Td>
                    <Table.Td className="user-id-examples">
                      {candidate.examples.map((example) => (
                        <code key={example} title={example}>
                          {example}
                        </code>
                      ))}
                      {candidate.examples.length === 0 && <span className="dimmed">none</span>}
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </ScrollRegion>
        )}
        <Radio
          mt="sm"
          value={none}
          label="None: people are known by their address alone"
          description="They become leads: an opt-out counts for the address, and nobody is joined with people of other sources except by it."
        />
      </Radio.Group>
      {doubted && doubtAbout(doubted) !== null && <p className="user-id-doubt">{doubtAbout(doubted)}</p>}
      <Group justify="flex-end">
        <Button variant="default" onClick={onCancel}>
          Cancel
        </Button>
        <Button type="submit" disabled={disabled || chosen === null}>
          Confirm and export
        </Button>
      </Group>
    </form>
  );
}
