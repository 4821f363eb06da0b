import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import type { Project } from "../../contract/project.ts";
import type { SyncState } from "../../contract/sync.ts";
import { formatCount, formatTime } from "../shared/format.ts";
import { Loaded } from "../shared/loaded.tsx";
import { LockedPanel } from "../shared/locked-panel.tsx";
import { FailureNotice, Notice } from "../shared/notice.tsx";
import { Page, Section } from "../shared/page.tsx";
import { useClients } from "../shell/clients-context.tsx";
import { useSyncState } from "../shell/queries.ts";
import type { Step, StepLock } from "../shell/steps.ts";
import { additionsChart } from "./additions.ts";
import { AdditionsChart } from "./additions-chart.tsx";
import { OptedInAgainList } from "./opted-in-again.tsx";
import { RunNow } from "./run-now.tsx";
import { Runs } from "./runs.tsx";
import { Schedule } from "./schedule.tsx";
import "./sync.css";

interface SyncScreenProps {
  project: Project;
  lock: StepLock | null;
  onGo: (step: Step) => void;
}

/** Step 8, which never ends: late opt-outs come over from the old tools. */
export function SyncScreen({ project, lock, onGo }: SyncScreenProps) {
  const sync = useSyncState();
  return (
    <Page
      title="Sync"
      lead="Old unsubscribe links go on working for months. A sync brings over what changed in the old tools since the last time: it pulls, merges, uploads new opt-outs and reads them back. It only ever adds opt-outs and takes none back."
    >
      {project.practice && <TimePasses syncedAt={sync.data?.runs[0]?.startedAt ?? null} />}
      <Loaded query={sync} waiting="Reading the runs of the sync…">
        {(state) => (
          <>
            {lock ? (
              <LockedPanel lock={lock} onGo={onGo} />
            ) : (
              project.workspace && (
                <>
                  {state.missedAt !== null && <Missed missedAt={state.missedAt} />}
                  <RunNow workspace={project.workspace} latest={state.runs[0] ?? null} onGo={onGo} />
                  <Schedule
                    key={state.everyMinutes}
                    everyMinutes={state.everyMinutes}
                    nextRunAt={state.nextRunAt}
                    workspace={project.workspace}
                    folder={project.folder}
                  />
                </>
              )
            )}
            {state.runs.length > 0 && <History state={state} />}
          </>
        )}
      </Loaded>
      <OptedInAgainList />
    </Page>
  );
}

function Missed({ missedAt }: { missedAt: string }) {
  return (
    <Notice kind="attention" title={`A run was due ${formatTime(missedAt)} and did not happen.`}>
      Sendgate was closed or this computer was asleep. Sync now to catch up: it brings everything since the
      last run, however long ago that was.
    </Notice>
  );
}

function History({ state: { runs } }: { state: SyncState }) {
  const chart = additionsChart(runs);
  return (
    <>
      <Section
        title="New suppressions over time"
        explanation="A bar for each run. An address that two sources name stands with both."
      >
        {chart.panels.length > 0 ? (
          <AdditionsChart chart={chart} />
        ) : (
          <div className="empty">
            <p>None in {formatCount(runs.length, "run")}. Nobody new opted out in the old tools.</p>
          </div>
        )}
      </Section>
      <Runs runs={runs} />
    </>
  );
}

/** In a practice migration nobody opts out by themselves. */
function TimePasses({ syncedAt }: { syncedAt: string | null }) {
  const { host } = useClients();
  const passing = useMutation({ mutationFn: () => host.practice.timePasses() });
  const isSynced = syncedAt !== null && Date.parse(syncedAt) >= passing.submittedAt;
  const happened = isSynced ? undefined : passing.data?.events;
  return (
    <>
      <Notice
        // A new one is read out and brought into view.
        key={passing.submittedAt}
        kind="info"
        title={
          happened !== undefined
            ? `${formatCount(happened, "thing")} happened in the old tools.`
            : "The practice people do nothing by themselves."
        }
        live={happened !== undefined}
        actions={
          <Button variant="default" loading={passing.isPending} onClick={() => passing.mutate()}>
            Let time pass
          </Button>
        }
      >
        {happened !== undefined
          ? "Customer.io knows nothing of it yet. Sync to bring it over."
          : "Let time pass, and some of them opt out, bounce or complain in the simulated old tools."}
      </Notice>
      {passing.isError && <FailureNotice error={passing.error} />}
    </>
  );
}
