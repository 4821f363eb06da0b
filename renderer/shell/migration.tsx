import { Button } from "@mantine/core";
import { type UseQueryResult, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Project } from "../../contract/project.ts";
import type { ImportReport } from "../../contract/sources.ts";
import { GateScreen } from "../gate/gate-screen.tsx";
import { MergeScreen } from "../merge/merge-screen.tsx";
import { PlanScreen } from "../plan/plan-screen.tsx";
import { ProfilesScreen } from "../profiles/profiles-screen.tsx";
import { Waiting } from "../shared/loaded.tsx";
import { FailureNotice } from "../shared/notice.tsx";
import { Page } from "../shared/page.tsx";
import { SourcesScreen } from "../sources/sources-screen.tsx";
import { SuppressScreen } from "../suppress/suppress-screen.tsx";
import { SyncScreen } from "../sync/sync-screen.tsx";
import { WorkspaceScreen } from "../workspace/workspace-screen.tsx";
import { ActivityBar } from "./activity-bar.tsx";
import { ActivityProvider } from "./activity-context.tsx";
import { Navigation } from "./navigation.tsx";
import type { Practice } from "./opened-project.ts";
import {
  useGate,
  useMergeState,
  usePlan,
  usePulledSources,
  useReports,
  useSourceFiles,
  useSyncState,
} from "./queries.ts";
import { type Step, type StepState, stepStates, stepTitles, stepToGoOnWith } from "./steps.ts";
import { TopBar } from "./top-bar.tsx";
import "./migration.css";

interface MigrationProps {
  project: Project;
  /** Set where the practice migration was started or resumed in this window. */
  practice: Practice | null;
}

/** An open migration: the steps at the left, one of them in the middle, the gate always at the top. */
export function Migration({ project, practice }: MigrationProps) {
  const [step, setStep] = useState<Step | null>(null);
  const [imported, setImported] = useState<ImportReport | null>(null);
  const { states, error } = useStepStates(project);
  // A migration opens where its work goes on; after that only the operator changes the step.
  if (step === null && states) setStep(stepToGoOnWith(states));

  return (
    <ActivityProvider>
      <div className="migration">
        <TopBar project={project} onGo={setStep} />
        <Navigation current={step} states={states} unknown={error !== null} onGo={setStep} />
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: while a task runs nothing else in it may take the focus */}
        <main className="migration-main" key={step ?? ""} tabIndex={0}>
          {step === "workspace" && <WorkspaceScreen project={project} />}
          {step === "sources" && (
            <SourcesScreen
              project={project}
              practice={practice}
              imported={imported}
              onImported={setImported}
              onGo={setStep}
            />
          )}
          {step === "gate" && (
            <GateScreen project={project} broadcastId={practice?.broadcastId ?? null} onGo={setStep} />
          )}
          {/* The other steps can be locked, so none of them is shown before it is known whether it is. */}
          {step !== "workspace" &&
            step !== "sources" &&
            step !== "gate" &&
            (states ? (
              <LockableStep step={step} states={states} project={project} onGo={setStep} />
            ) : (
              <StatesMissing step={step} error={error} />
            ))}
        </main>
        <ActivityBar />
      </div>
    </ActivityProvider>
  );
}

interface LockableStepProps {
  step: Step | null;
  states: Record<Step, StepState>;
  project: Project;
  onGo: (step: Step) => void;
}

function LockableStep({ step, states, project, onGo }: LockableStepProps) {
  switch (step) {
    case "merge":
      return <MergeScreen lock={states.merge.lock} onGo={onGo} />;
    case "plan":
      return <PlanScreen lock={states.plan.lock} onGo={onGo} />;
    case "suppress":
      return <SuppressScreen project={project} lock={states.suppress.lock} onGo={onGo} />;
    case "profiles":
      return <ProfilesScreen project={project} lock={states.profiles.lock} onGo={onGo} />;
    case "sync":
      return <SyncScreen project={project} lock={states.sync.lock} onGo={onGo} />;
    default:
      return null;
  }
}

function StatesMissing({ step, error }: { step: Step | null; error: unknown }) {
  const queryClient = useQueryClient();
  if (error === null) return <Waiting>Reading the migration…</Waiting>;
  return (
    <Page
      title={step === null ? "Migration" : stepTitles[step]}
      lead="Whether this step is locked is not known, so nothing of it is shown."
    >
      <FailureNotice
        error={error}
        actions={
          <Button size="xs" variant="default" onClick={() => queryClient.invalidateQueries()}>
            Try again
          </Button>
        }
      />
    </Page>
  );
}

/** Null until everything they are made of is read, and again when some of it can no longer be read. */
function useStepStates(project: Project): { states: Record<Step, StepState> | null; error: unknown } {
  const files = useSourceFiles();
  const pulled = usePulledSources();
  const merge = useMergeState();
  const plan = usePlan();
  const reports = useReports();
  const gate = useGate();
  const sync = useSyncState();
  const queries: UseQueryResult[] = [files, pulled, merge, plan, reports, gate, sync];
  const error = queries.find((query) => query.isError)?.error ?? null;
  if (
    error !== null ||
    !files.data ||
    !pulled.data ||
    !merge.data ||
    plan.data === undefined ||
    !reports.data ||
    !gate.data ||
    !sync.data
  ) {
    return { states: null, error };
  }
  const facts = {
    project,
    files: files.data,
    pulled: pulled.data,
    merge: merge.data,
    plan: plan.data,
    reports: reports.data,
    gate: gate.data,
    sync: sync.data,
  };
  return { states: stepStates(facts), error };
}
