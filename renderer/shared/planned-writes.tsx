import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import type { Plan } from "../../contract/delivery.ts";
import type { Project, Workspace } from "../../contract/project.ts";
import { useActivity } from "../shell/activity-context.tsx";
import { usePlan } from "../shell/queries.ts";
import type { Step, StepLock } from "../shell/steps.ts";
import { Loaded } from "./loaded.tsx";
import { LockedPanel } from "./locked-panel.tsx";

interface PlannedWritesProps {
  project: Project;
  lock: StepLock | null;
  onGo: (step: Step) => void;
  children: (plan: Plan, workspace: Workspace) => ReactNode;
}

/** What a step shows of the plan that stands, or why it is locked. */
export function PlannedWrites({ project: { workspace }, lock, onGo, children }: PlannedWritesProps) {
  const plan = usePlan();
  if (lock) return <LockedPanel lock={lock} onGo={onGo} />;
  return (
    <Loaded query={plan} waiting="Reading the plan…">
      {(current) => current && workspace && children(current, workspace)}
    </Loaded>
  );
}

interface UploadButtonsProps {
  /** What the button says. */
  upload: string;
  /** Whether uploading is what comes next. */
  isNext: boolean;
  isDryRunning: boolean;
  isUploading: boolean;
  onDryRun: () => void;
  onUpload: () => void;
}

/** To count what would be written, and to write it. */
export function UploadButtons({
  upload,
  isNext,
  isDryRunning,
  isUploading,
  onDryRun,
  onUpload,
}: UploadButtonsProps) {
  const activity = useActivity();
  return (
    <>
      <Button variant="default" disabled={activity !== null} loading={isDryRunning} onClick={onDryRun}>
        Dry run
      </Button>
      <Button
        variant={isNext ? "filled" : "default"}
        disabled={activity !== null}
        loading={isUploading}
        onClick={onUpload}
      >
        {upload}
      </Button>
    </>
  );
}
