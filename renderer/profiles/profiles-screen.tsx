import { useState } from "react";
import type { Plan } from "../../contract/delivery.ts";
import type { Project, Workspace } from "../../contract/project.ts";
import { ConfirmWrite } from "../shared/confirm-write.tsx";
import { Figures } from "../shared/figures.tsx";
import { formatBytes, formatCount, formatNumber, formatSpan } from "../shared/format.ts";
import { FailureNotice } from "../shared/notice.tsx";
import { Page, Section } from "../shared/page.tsx";
import { PlannedWrites, UploadButtons } from "../shared/planned-writes.tsx";
import { RunningNotice } from "../shared/running-notice.tsx";
import { UploadResult } from "../shared/upload-result.tsx";
import { WorkspaceName } from "../shared/workspace-name.tsx";
import { useActivity } from "../shell/activity-context.tsx";
import { useClients } from "../shell/clients-context.tsx";
import { useReports, useTask } from "../shell/queries.ts";
import type { Step, StepLock } from "../shell/steps.ts";
import { ReadBackProfiles } from "./read-back-profiles.tsx";

interface ProfilesScreenProps {
  project: Project;
  lock: StepLock | null;
  onGo: (step: Step) => void;
}

/** Step 7: the people themselves, after their opt-outs are proven to be in place. */
export function ProfilesScreen({ project, lock, onGo }: ProfilesScreenProps) {
  return (
    <Page
      title="Profiles"
      lead="The people and their attributes go to Customer.io last, so that nobody arrives there before their opt-out does."
    >
      <PlannedWrites project={project} lock={lock} onGo={onGo}>
        {(plan, workspace) => (
          <>
            <UploadProfiles plan={plan} workspace={workspace} />
            <ReadBackProfiles plan={plan} />
          </>
        )}
      </PlannedWrites>
    </Page>
  );
}

function UploadProfiles({ plan, workspace }: { plan: Plan; workspace: Workspace }) {
  const { engine } = useClients();
  const activity = useActivity();
  const reports = useReports();
  const [asking, setAsking] = useState(false);
  const uploading = useTask((request: { dryRun: boolean; confirm?: string }) =>
    engine.delivery.uploadProfiles(request),
  );
  const report = uploading.data ?? reports.data?.profiles ?? null;
  const isUploaded =
    report?.planHash === plan.hash && !report.dryRun && report.delivered === report.operations;
  const readBack = reports.data?.verifyProfiles;
  const isSomethingMissing = readBack?.planHash === plan.hash && readBack.missing > 0;
  const running = activity?.kind === "upload_profiles";
  const { profiles } = plan;
  const heldBack = profiles.heldBack.reduce((sum, { persons }) => sum + persons, 0);
  return (
    <Section
      title="Upload"
      explanation={
        <>
          To <WorkspaceName workspace={workspace} />.{" "}
          {heldBack > 0 && `${formatCount(heldBack, "person", "people")} stay behind; the plan says why.`}
        </>
      }
      aside={
        <UploadButtons
          upload="Upload profiles"
          isNext={!isUploaded || isSomethingMissing}
          isDryRunning={uploading.isPending && uploading.variables.dryRun}
          isUploading={running || (uploading.isPending && !uploading.variables.dryRun)}
          onDryRun={() => uploading.mutate({ dryRun: true })}
          onUpload={() => setAsking(true)}
        />
      }
    >
      <Figures
        figures={[
          { value: formatNumber(profiles.operations), label: "Profiles" },
          { value: formatNumber(profiles.calls), label: "Calls" },
          { value: formatBytes(profiles.bytes), label: "Data" },
          { value: formatSpan(profiles.seconds), label: "Time", explanation: "at Customer.io’s limits" },
        ]}
      />
      {running && <RunningNotice title="The upload is running." />}
      {uploading.isError && <FailureNotice error={uploading.error} />}
      {!running && !uploading.isError && report?.planHash === plan.hash && <UploadResult report={report} />}
      <ConfirmWrite
        title={`Upload ${formatCount(profiles.operations, "profile")}?`}
        action="Upload"
        workspace={workspace}
        opened={asking}
        onClose={() => setAsking(false)}
        onConfirm={(confirm) => uploading.mutate({ dryRun: false, confirm })}
      >
        <p style={{ margin: 0 }}>
          They are written to <WorkspaceName workspace={workspace} />. People who are there already get their
          attributes brought up to date. This does not send anything.
        </p>
      </ConfirmWrite>
    </Section>
  );
}
