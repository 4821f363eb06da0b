import { Button } from "@mantine/core";
import type { MergeState, MergeSummary } from "../../contract/merge.ts";
import { ExportButton } from "../shared/export-button.tsx";
import { Figures } from "../shared/figures.tsx";
import { formatNumber, formatTime } from "../shared/format.ts";
import { Loaded } from "../shared/loaded.tsx";
import { LockedPanel } from "../shared/locked-panel.tsx";
import { FailureNotice, Notice } from "../shared/notice.tsx";
import { Page, Section } from "../shared/page.tsx";
import { windowWords } from "../shared/window-words.ts";
import { levelWords, wordsFor } from "../shared/words.ts";
import { useActivity } from "../shell/activity-context.tsx";
import { useClients } from "../shell/clients-context.tsx";
import { useMergeState, useTask } from "../shell/queries.ts";
import type { Step, StepLock } from "../shell/steps.ts";
import { Conflicts } from "./conflicts.tsx";

interface MergeScreenProps {
  lock: StepLock | null;
  onGo: (step: Step) => void;
}

/** Step 3: all files become people and addresses, and what they disagree on becomes conflicts. */
export function MergeScreen({ lock, onGo }: MergeScreenProps) {
  const { engine } = useClients();
  const activity = useActivity();
  const state = useMergeState();
  const merging = useTask(() => engine.merge.run());
  const run = (label: string, variant: "filled" | "default" = "filled") => (
    <Button
      variant={variant}
      disabled={activity !== null}
      loading={merging.isPending}
      onClick={() => merging.mutate()}
    >
      {label}
    </Button>
  );
  return (
    <Page
      title="Merge and conflicts"
      lead="The rows of all files become people and addresses. Where the files disagree on consent, the strictest word counts; no decision here can weaken an opt-out."
    >
      {lock ? (
        <LockedPanel lock={lock} onGo={onGo} />
      ) : (
        <Loaded query={state} waiting="Reading the merge…">
          {(merge) => (
            <>
              {merging.isError && <FailureNotice error={merging.error} />}
              {merge.summary === null ? (
                <div className="empty">
                  <p>The files are not merged yet.</p>
                  <div style={{ marginTop: 14 }}>{run("Run the merge")}</div>
                </div>
              ) : (
                <>
                  {merge.stale && (
                    <Notice
                      kind="attention"
                      title="Files or decisions changed since this merge."
                      actions={run("Merge again")}
                    >
                      The numbers and conflicts below are those of the merge before.
                    </Notice>
                  )}
                  <Result
                    merge={merge}
                    summary={merge.summary}
                    onGo={onGo}
                    again={merge.stale ? null : run("Merge again", "default")}
                  />
                  {merge.notes.length > 0 && (
                    <Notice kind="attention" title="Worth a look">
                      <ul>
                        {merge.notes.map((note) => (
                          <li key={note}>{windowWords(note)}</li>
                        ))}
                      </ul>
                    </Notice>
                  )}
                  <Conflicts counts={merge.summary.conflicts} undecided={merge.undecidedConflicts} />
                </>
              )}
            </>
          )}
        </Loaded>
      )}
    </Page>
  );
}

interface ResultProps {
  merge: MergeState;
  summary: MergeSummary;
  /** The button to merge again; null where a notice has it. */
  again: React.ReactNode;
  onGo: (step: Step) => void;
}

function Result({ merge, summary, again, onGo }: ResultProps) {
  const { engine } = useClients();
  const levels = merge.suppressedByLevel.filter(({ addresses }) => addresses > 0);
  return (
    <Section
      title="Result"
      aside={
        <>
          {merge.mergedAt && <span className="dimmed small">Merged {formatTime(merge.mergedAt)}</span>}
          {again}
          {!merge.stale && <Button onClick={() => onGo("plan")}>Go to Plan</Button>}
        </>
      }
    >
      <Figures
        figures={[
          { value: formatNumber(summary.persons), label: "People", explanation: "with a user ID" },
          { value: formatNumber(summary.leads), label: "Leads", explanation: "known by address alone" },
          { value: formatNumber(summary.addresses), label: "Addresses" },
          {
            value: formatNumber(summary.suppressed_addresses),
            label: "Suppressed addresses",
            explanation: `${formatNumber(summary.suppressed_persons)} people and leads`,
          },
          { value: formatNumber(summary.records), label: "Records", explanation: "rows that were merged" },
          { value: formatNumber(summary.rejected), label: "Rejected rows" },
        ]}
      />
      {levels.length > 0 && (
        <p className="small" style={{ margin: 0 }}>
          <strong>Why addresses are suppressed:</strong>{" "}
          {levels
            .map(({ level, addresses }) => `${wordsFor(levelWords, level)} ${formatNumber(addresses)}`)
            .join(" · ")}
        </p>
      )}
      <div className="section-aside">
        <ExportButton
          title="Save the people"
          defaultName="people.csv"
          write={(file) => engine.merge.exportPeople({ file })}
        >
          Export people…
        </ExportButton>
        <ExportButton
          title="Save the suppressions"
          defaultName="suppressions.csv"
          write={(file) => engine.merge.exportSuppressions({ file })}
        >
          Export suppressions…
        </ExportButton>
      </div>
    </Section>
  );
}
