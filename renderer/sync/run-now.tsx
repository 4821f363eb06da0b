import { Button } from "@mantine/core";
import { useState } from "react";
import type { Workspace } from "../../contract/project.ts";
import type { SyncReport, SyncRequest, SyncRun } from "../../contract/sync.ts";
import { AllowShrink, isShrink } from "../shared/allow-shrink.tsx";
import { ConfirmWrite } from "../shared/confirm-write.tsx";
import { Figures } from "../shared/figures.tsx";
import { formatElapsed, formatNumber, formatTime } from "../shared/format.ts";
import { FailureNotice, Notice } from "../shared/notice.tsx";
import { Section } from "../shared/page.tsx";
import { RunningNotice } from "../shared/running-notice.tsx";
import { windowWords } from "../shared/window-words.ts";
import { WorkspaceName } from "../shared/workspace-name.tsx";
import { useActivity } from "../shell/activity-context.tsx";
import { useClients } from "../shell/clients-context.tsx";
import { useTask } from "../shell/queries.ts";
import type { Step } from "../shell/steps.ts";
import { additionWords } from "./additions.ts";
import { isCutOff, isStopped } from "./runs.tsx";

interface RunNowProps {
  workspace: Workspace;
  latest: SyncRun | null;
  onGo: (step: Step) => void;
}

/** A run by hand, and what the last one came to. */
export function RunNow({ workspace, latest, onGo }: RunNowProps) {
  const { engine } = useClients();
  const activity = useActivity();
  const [asking, setAsking] = useState<SyncRequest | null>(null);
  const [explaining, setExplaining] = useState(false);
  const syncing = useTask((request: SyncRequest) => engine.sync.run(request));
  // A production workspace has to be named before anything is written to it.
  const run = (request: SyncRequest) =>
    workspace.role === "production" ? setAsking(request) : syncing.mutate(request);
  const running = activity?.kind === "sync" || syncing.isPending;
  return (
    <Section
      title="Run"
      explanation={
        <>
          New opt-outs go to <WorkspaceName workspace={workspace} />.
        </>
      }
      aside={
        <Button disabled={activity !== null} loading={running} onClick={() => run({})}>
          Sync now
        </Button>
      }
    >
      {running && <RunningNotice title="The sync is running." />}
      {syncing.isError && !running && (
        <FailureNotice
          error={syncing.error}
          actions={
            isShrink(syncing.error) && (
              <Button variant="default" onClick={() => setExplaining(true)}>
                Go on with a reason…
              </Button>
            )
          }
        />
      )}
      {!running && !syncing.isError && syncing.data && <Result report={syncing.data} onGo={onGo} />}
      {!running && !syncing.data && !syncing.isError && <Latest run={latest} />}
      <ConfirmWrite
        title="Sync now?"
        action="Sync"
        workspace={workspace}
        opened={asking !== null}
        onClose={() => setAsking(null)}
        onConfirm={() => asking && syncing.mutate(asking)}
      >
        <p style={{ margin: 0 }}>
          New opt-outs are written to <WorkspaceName workspace={workspace} />. Nobody is deleted, and no
          opt-out is taken back.
        </p>
      </ConfirmWrite>
      {explaining && (
        <AllowShrink
          error={syncing.error}
          onClose={() => setExplaining(false)}
          onAllow={(reason) => {
            setExplaining(false);
            run({ allowShrink: reason });
          }}
        />
      )}
    </Section>
  );
}

function Result({ report, onGo }: { report: SyncReport; onGo: (step: Step) => void }) {
  const { covered, missing } = report.verified;
  return (
    <>
      <Notice
        kind={
          missing > 0 || report.unanswered.length > 0 ? "problem" : report.gate_open ? "good" : "attention"
        }
        title={
          missing > 0
            ? `${formatNumber(missing)} are missing in Customer.io.`
            : `Synced in ${formatElapsed(report.seconds)}. ${report.gate_open ? "The gate is open." : "The gate is locked."}`
        }
        live
        actions={
          !report.gate_open && (
            <Button variant="default" onClick={() => onGo("gate")}>
              Go to Gate
            </Button>
          )
        }
      >
        <ul>
          {report.words.map((sentence) => (
            <li key={sentence}>{windowWords(sentence)}</li>
          ))}
        </ul>
      </Notice>
      <Figures
        figures={[
          {
            value: formatNumber(report.added),
            label: "New suppressions",
            explanation: "addresses, each once",
          },
          {
            value: formatNumber(report.uploaded),
            label: "Writes in place",
            explanation: "of the present plan",
          },
          { value: formatNumber(covered), label: "Proven", explanation: "read back and in place" },
          { value: formatNumber(missing), label: "Missing" },
          {
            value: formatNumber(report.opted_in_again),
            label: "Opted in again",
            explanation: "they stay suppressed",
          },
        ]}
      />
    </>
  );
}

function Latest({ run }: { run: SyncRun | null }) {
  if (run === null) {
    return (
      <div className="empty">
        <p>No sync has run yet. The first one brings over what changed since the exports.</p>
      </div>
    );
  }
  const when = `${formatTime(run.startedAt)}, ${run.scheduled ? "by schedule" : "by hand"}`;
  if (run.trouble !== null) {
    return (
      <Notice
        kind="problem"
        title={
          isStopped(run)
            ? `The last run stopped: ${when}.`
            : `The last run went without a source that did not answer: ${when}.`
        }
      >
        {windowWords(run.trouble)}
      </Notice>
    );
  }
  if (isCutOff(run)) {
    return (
      <Notice kind="attention" title={`The last run was cut off: ${when}.`}>
        Sync again. It goes on where it stopped, and nothing is lost.
      </Notice>
    );
  }
  const words = additionWords(run.added);
  return (
    <Notice
      kind={run.gateOpen === false ? "attention" : "good"}
      title={`The last run came to its end: ${when}.`}
    >
      {words.length > 0 ? `New suppressions: ${words.join("; ")}.` : "Nobody new opted out."}
      {run.gateOpen === false && " The gate was locked after it."}
    </Notice>
  );
}
