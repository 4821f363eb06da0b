import { Button } from "@mantine/core";
import { useState } from "react";
import type { Plan, VerifyReport } from "../../contract/delivery.ts";
import type { Project, Workspace } from "../../contract/project.ts";
import { MechanismTable } from "../plan/mechanism-table.tsx";
import { AllowShrink, isShrink } from "../shared/allow-shrink.tsx";
import { ConfirmWrite } from "../shared/confirm-write.tsx";
import { formatCount, formatNumber, formatSpan, formatTime } from "../shared/format.ts";
import { Hash } from "../shared/hash.tsx";
import { FailureNotice, Notice } from "../shared/notice.tsx";
import { Page, Section } from "../shared/page.tsx";
import { PlannedWrites, UploadButtons } from "../shared/planned-writes.tsx";
import { RunningNotice } from "../shared/running-notice.tsx";
import { Problems, UploadResult } from "../shared/upload-result.tsx";
import { WorkspaceName } from "../shared/workspace-name.tsx";
import { useActivity } from "../shell/activity-context.tsx";
import { useClients } from "../shell/clients-context.tsx";
import { useGate, useRehearsal, useReports, useTask } from "../shell/queries.ts";
import type { Step, StepLock } from "../shell/steps.ts";
import { TakingBack } from "../taking-back/taking-back.tsx";

interface SuppressScreenProps {
  project: Project;
  lock: StepLock | null;
  onGo: (step: Step) => void;
}

/** Step 5: the suppressions go out and are read back. */
export function SuppressScreen({ project, lock, onGo }: SuppressScreenProps) {
  return (
    <Page
      title="Suppress"
      lead="Every opt-out goes to Customer.io before any profile does. Then each one is read back: only what is proven to be there opens the gate."
    >
      <PlannedWrites project={project} lock={lock} onGo={onGo}>
        {(plan, workspace) => (
          <>
            <UploadSuppressions plan={plan} workspace={workspace} />
            <ReadBack plan={plan} onGo={onGo} />
            <TakingBack plan={plan} workspace={workspace} />
          </>
        )}
      </PlannedWrites>
    </Page>
  );
}

function UploadSuppressions({ plan, workspace }: { plan: Plan; workspace: Workspace }) {
  const { engine } = useClients();
  const activity = useActivity();
  const reports = useReports();
  const rehearsal = useRehearsal();
  const [asking, setAsking] = useState(false);
  const [explaining, setExplaining] = useState(false);
  // Kept until the question before the write is answered.
  const [allowShrink, setAllowShrink] = useState<string | null>(null);
  const uploading = useTask((request: { dryRun: boolean; confirm?: string }) =>
    engine.delivery.uploadSuppressions({ ...request, ...(allowShrink !== null && { allowShrink }) }),
  );
  // The answer of this window's own call shows at once; after a restart the engine's latest report does.
  const latest = uploading.data ?? reports.data?.suppressions ?? null;
  const report = latest?.planHash === plan.hash ? latest : null;
  const isUploaded = report !== null && !report.dryRun && report.delivered === report.operations;
  const readBack = reports.data?.verify;
  const isSomethingMissing = readBack?.planHash === plan.hash && readBack.missing > 0;
  const running = activity?.kind === "upload_suppressions";
  // An upload that was killed leaves no report; the gate knows from the journal what is still to be sent.
  const { data: gate } = useGate();
  const incomplete = gate?.blockers.find(({ code }) => code === "UPLOAD_INCOMPLETE");
  return (
    <Section
      title="Upload"
      explanation={
        <>
          {formatCount(plan.suppressions.operations, "write")} to <WorkspaceName workspace={workspace} />,{" "}
          {formatSpan(plan.suppressions.seconds)} with reading back. Plan{" "}
          <Hash hash={plan.hash} name="plan hash" />
        </>
      }
      aside={
        <UploadButtons
          upload="Upload suppressions"
          isNext={!isUploaded || isSomethingMissing}
          isDryRunning={uploading.isPending && uploading.variables.dryRun}
          isUploading={running || (uploading.isPending && !uploading.variables.dryRun)}
          onDryRun={() => uploading.mutate({ dryRun: true })}
          onUpload={() => setAsking(true)}
        />
      }
    >
      {running && (
        <RunningNotice title="The upload is running.">
          You can also close Sendgate; the upload goes on where it stopped when you start it again.
        </RunningNotice>
      )}
      {uploading.isError && (
        <FailureNotice
          error={uploading.error}
          actions={
            isShrink(uploading.error) && (
              <Button variant="default" onClick={() => setExplaining(true)}>
                Go on with a reason…
              </Button>
            )
          }
        />
      )}
      {explaining && (
        <AllowShrink
          error={uploading.error}
          onClose={() => setExplaining(false)}
          onAllow={(reason) => {
            setExplaining(false);
            setAllowShrink(reason);
            setAsking(true);
          }}
        />
      )}
      {!running && !uploading.isError && report && <UploadResult report={report} />}
      {!running && !report && incomplete && (
        <Notice kind="attention" title={incomplete.message}>
          {incomplete.nextStep}
        </Notice>
      )}
      {!isUploaded && <MechanismTable suppressions={plan.suppressions} />}
      <ConfirmWrite
        title={`Upload ${formatCount(plan.suppressions.operations, "suppression")}?`}
        action="Upload"
        workspace={workspace}
        opened={asking}
        onClose={() => setAsking(false)}
        onConfirm={(confirm) => uploading.mutate({ dryRun: false, confirm })}
      >
        <p style={{ margin: 0 }}>
          They are written to <WorkspaceName workspace={workspace} />. Marketing mail from this workspace then
          no longer reaches these people. Nobody is deleted.
        </p>
        {workspace.role === "production" && rehearsal.data?.warning && (
          <Notice kind="attention" title="Not rehearsed">
            {rehearsal.data.warning}
          </Notice>
        )}
      </ConfirmWrite>
    </Section>
  );
}

function ReadBack({ plan, onGo }: { plan: Plan; onGo: (step: Step) => void }) {
  const { engine } = useClients();
  const activity = useActivity();
  const reports = useReports();
  const verifying = useTask(() => engine.delivery.verify());
  const report = verifying.data ?? reports.data?.verify ?? null;
  const uploaded = reports.data?.suppressions;
  const isUploaded =
    uploaded?.planHash === plan.hash && !uploaded.dryRun && uploaded.delivered === uploaded.operations;
  const running = activity?.kind === "verify";
  const isProven = report?.planHash === plan.hash && report.missing === 0;
  return (
    <Section
      title="Read back"
      explanation="Looks up every suppressed address and person in Customer.io and compares them with the plan."
      aside={
        <Button
          variant={isUploaded && !isProven ? "filled" : "default"}
          disabled={activity !== null}
          loading={running || verifying.isPending}
          onClick={() => verifying.mutate()}
        >
          Read back
        </Button>
      }
    >
      {running && <RunningNotice title="The suppressions are being read back." />}
      {!running && verifying.isError && <FailureNotice error={verifying.error} />}
      {!running && !verifying.isError && report && <ReadBackResult report={report} plan={plan} onGo={onGo} />}
      {!running && !verifying.isError && !report && (
        <div className="empty">
          <p>
            {isUploaded
              ? "Nothing is read back yet. The gate stays locked until everything is."
              : "Nothing is read back yet. Upload the suppressions first."}
          </p>
        </div>
      )}
    </Section>
  );
}

interface ReadBackResultProps {
  report: VerifyReport;
  plan: Plan;
  onGo: (step: Step) => void;
}

function ReadBackResult({ report, plan, onGo }: ReadBackResultProps) {
  if (report.planHash !== plan.hash) {
    return (
      <Notice
        kind="attention"
        title={`The last reading, of ${formatTime(report.verifiedAt)}, was of an earlier plan.`}
      >
        Upload this plan’s suppressions and read them back.
      </Notice>
    );
  }
  const looked = `${formatCount(report.addresses, "address", "addresses")} and ${formatCount(report.persons, "person", "people")}`;
  if (report.missing === 0) {
    return (
      <Notice
        kind="good"
        title={`All ${formatNumber(report.covered)} are in place.`}
        live
        actions={<Button onClick={() => onGo("gate")}>Go to Gate</Button>}
      >
        {looked} looked up, {formatTime(report.verifiedAt)}.
      </Notice>
    );
  }
  return (
    <>
      <Notice kind="problem" title={`${formatNumber(report.missing)} are missing in Customer.io.`} live>
        {looked} looked up, {formatTime(report.verifiedAt)}. The gate stays locked until none is missing.
      </Notice>
      <Problems label="Missing suppressions" problems={report.missingItems} total={report.missing} />
    </>
  );
}
