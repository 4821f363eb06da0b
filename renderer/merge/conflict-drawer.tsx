import { Button, Drawer, Group, Radio, Switch, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Conflict, ConflictDetail } from "../../contract/merge.ts";
import { formatCount, formatNumber, formatTime } from "../shared/format.ts";
import { Loaded } from "../shared/loaded.tsx";
import { FailureNotice, Notice } from "../shared/notice.tsx";
import { ScrollRegion } from "../shared/scroll-region.tsx";
import { userIdWords, windowWords } from "../shared/window-words.ts";
import { conflictWords, decisionWords, levelWords, sourceTitles, wordsFor } from "../shared/words.ts";
import { useActivity } from "../shell/activity-context.tsx";
import { useClients } from "../shell/clients-context.tsx";
import { useTask } from "../shell/queries.ts";
import { type RecordState, recordLines, statesDiffer } from "./record-rows.ts";

interface ConflictDrawerProps {
  opened: boolean;
  /** Null while its row is on the way. */
  conflict: Conflict | null;
  /** Its place in the list, counted from 0. */
  position: number;
  total: number;
  /** The place of the one after it: its own where a decision took it out of the list. */
  nextPosition: number;
  onMove: (position: number) => void;
  onClose: () => void;
}

/** One conflict with its source records side by side and the decisions that it takes. */
export function ConflictDrawer(props: ConflictDrawerProps) {
  const { opened, conflict, position, total, nextPosition, onMove, onClose } = props;
  return (
    <Drawer
      opened={opened}
      onClose={onClose}
      position="right"
      size="min(980px, 92vw)"
      title={conflict ? conflictWords[conflict.code] : "Conflict"}
    >
      <Group mb="md" gap="xs">
        <Button size="xs" variant="default" disabled={position === 0} onClick={() => onMove(position - 1)}>
          Previous
        </Button>
        <Button
          size="xs"
          variant="default"
          disabled={nextPosition >= total}
          onClick={() => onMove(nextPosition)}
        >
          Next
        </Button>
        <span className="dimmed small">
          Conflict {formatNumber(position + 1)} of {formatNumber(Math.max(total, position + 1))}
        </span>
      </Group>
      {conflict && <OneConflict key={conflict.conflictId} conflictId={conflict.conflictId} />}
    </Drawer>
  );
}

function OneConflict({ conflictId }: { conflictId: string }) {
  const { engine } = useClients();
  const detail = useQuery({
    queryKey: ["conflict", conflictId],
    queryFn: () => engine.merge.conflict({ conflictId }),
  });
  return (
    <Loaded query={detail} waiting="Reading the conflict…">
      {(loaded) => (
        <div className="conflict">
          <p>{userIdWords(loaded.conflict.detail)}</p>
          <Decide detail={loaded} />
          <Records detail={loaded} />
        </div>
      )}
    </Loaded>
  );
}

function Decide({ detail: { conflict, choices } }: { detail: ConflictDetail }) {
  const { engine } = useClients();
  const activity = useActivity();
  const [chosen, setChosen] = useState(() => {
    const standing = conflict.decision ?? conflict.suggestion;
    return choices.some(({ decision }) => decision === standing) ? standing : (choices[0]?.decision ?? "");
  });
  const deciding = useTask(() => engine.merge.decide({ conflictId: conflict.conflictId, decision: chosen }));
  const words = (decision: string) =>
    userIdWords(choices.find((choice) => choice.decision === decision)?.label ?? decisionWords(decision));
  const refused = deciding.data?.refused[0];
  if (choices.length === 0) return null;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        deciding.mutate();
      }}
    >
      <Radio.Group label="Decision" value={chosen} onChange={setChosen}>
        <div className="conflict-choices">
          {choices.map(({ decision, label }) => (
            <Radio key={decision} value={decision} label={userIdWords(label)} />
          ))}
        </div>
      </Radio.Group>
      <Group mt="sm">
        <Button type="submit" disabled={activity !== null || !chosen} loading={deciding.isPending}>
          Save
        </Button>
        <span className="dimmed small">
          {conflict.decision === null
            ? `Not decided. Suggested: ${words(conflict.suggestion)}.`
            : `Decided: ${words(conflict.decision)}.`}
        </span>
      </Group>
      <div style={{ marginTop: 12 }}>
        {deciding.isError && <FailureNotice error={deciding.error} />}
        {refused && <Notice kind="problem" title={`Not saved: ${userIdWords(refused.reason)}`} live />}
        {deciding.isSuccess && !refused && (
          <Notice kind="good" title="Saved." live>
            It takes effect at the next merge.
          </Notice>
        )}
      </div>
    </form>
  );
}

function Records({ detail: { records, moreRecords } }: { detail: ConflictDetail }) {
  const [onlyDifferences, setOnlyDifferences] = useState(false);
  const lines = recordLines(records).filter((line) => !onlyDifferences || line.differs);
  const consentDiffers = statesDiffer(records);
  return (
    <section aria-labelledby="records-title">
      <Group justify="space-between" mb={8}>
        <Title order={3} id="records-title">
          {formatCount(records.length + moreRecords, "source record")}
        </Title>
        <Switch
          label="Only what differs"
          checked={onlyDifferences}
          onChange={(event) => setOnlyDifferences(event.currentTarget.checked)}
        />
      </Group>
      <ScrollRegion label="Source records side by side" maxHeight="46vh">
        <table className="conflict-records">
          <thead>
            <tr>
              <th scope="col">Field</th>
              {records.map((record, index) => (
                <th key={index} scope="col">
                  {wordsFor(sourceTitles, record.source)}
                  <div className="dimmed small" style={{ fontWeight: 400 }}>
                    {windowWords(record.file)}, line {formatNumber(record.line)}
                  </div>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {(consentDiffers || !onlyDifferences) && (
              <tr className={consentDiffers ? "conflict-differs" : undefined}>
                <FieldName name="Consent" differs={consentDiffers} />
                {records.map((record, index) => (
                  <td key={index}>
                    {record.states.length === 0 && <span className="dimmed">Nothing</span>}
                    {record.states.map((state) => (
                      <State key={`${state.level}-${state.at}`} state={state} />
                    ))}
                  </td>
                ))}
              </tr>
            )}
            {lines.map((line) => (
              <tr key={line.field} className={line.differs ? "conflict-differs" : undefined}>
                <FieldName name={line.field} differs={line.differs} />
                {line.values.map((value, index) => (
                  <td key={index}>{value || <span className="dimmed">–</span>}</td>
                ))}
              </tr>
            ))}
            {!onlyDifferences && (
              <>
                <tr>
                  <FieldName name="Changed" differs={false} />
                  {records.map(({ updatedAt }, index) => (
                    <td key={index}>
                      {updatedAt === null ? <span className="dimmed">Not known</span> : formatTime(updatedAt)}
                    </td>
                  ))}
                </tr>
                <tr>
                  <FieldName name="Row ID" differs={false} />
                  {records.map(({ recordId }, index) => (
                    <td key={index}>{recordId || <span className="dimmed">–</span>}</td>
                  ))}
                </tr>
              </>
            )}
          </tbody>
        </table>
      </ScrollRegion>
      {moreRecords > 0 && (
        <p className="dimmed small" style={{ marginTop: 8 }}>
          {formatCount(moreRecords, "more record")} not shown.
        </p>
      )}
    </section>
  );
}

function FieldName({ name, differs }: { name: string; differs: boolean }) {
  return (
    <th scope="row">
      {name}
      {differs && <span className="conflict-differs-mark">differs</span>}
    </th>
  );
}

function State({ state: { level, at, counts } }: { state: RecordState }) {
  return (
    <span className="conflict-state">
      {wordsFor(levelWords, level)}
      <span className="dimmed small">
        {at !== null && `, ${formatTime(at)}`}
        {!counts && " (history, does not count)"}
      </span>
    </span>
  );
}
