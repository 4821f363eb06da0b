import { Button, Title } from "@mantine/core";
import { IconLock, IconLockOpen } from "@tabler/icons-react";
import type { Certificate, Proof as Comparison } from "../../contract/certificate.ts";
import type { Gate } from "../../contract/delivery.ts";
import type { Project } from "../../contract/project.ts";
import { Leaks } from "../leaks/leaks.tsx";
import { Particulars } from "../shared/figures.tsx";
import { formatCount, formatNumber, formatTime } from "../shared/format.ts";
import { Hash } from "../shared/hash.tsx";
import { Loaded } from "../shared/loaded.tsx";
import { Page, Section } from "../shared/page.tsx";
import { WorkspaceName } from "../shared/workspace-name.tsx";
import { useGate } from "../shell/queries.ts";
import { type Step, stepTitles } from "../shell/steps.ts";
import { stepForBlocker } from "./blocker-step.ts";
import { ProofTable } from "./proof-table.tsx";
import { SaveCertificate } from "./save-certificate.tsx";
import { SendMailing } from "./send-mailing.tsx";
import "./gate.css";

interface GateScreenProps {
  project: Project;
  /** The simulator's broadcast in a practice migration. */
  broadcastId: number | null;
  onGo: (step: Step) => void;
}

/** Step 6: whether sending is allowed, and every reason why not. */
export function GateScreen({ project, broadcastId, onGo }: GateScreenProps) {
  const gate = useGate();
  return (
    <Page
      title="Gate"
      lead="The gate opens by proof alone: every suppression of the present merge was read back from this workspace. It locks again when something changes or the proof grows old."
    >
      <Loaded query={gate} waiting="Computing the gate’s state…">
        {(state) => (
          <>
            {state.open ? <Open gate={state} /> : <Locked gate={state} onGo={onGo} />}
            {state.certificate && <Proof certificate={state.certificate} project={project} />}
            {!state.open && state.proof && state.proof.different > 0 && <Unproven proof={state.proof} />}
          </>
        )}
      </Loaded>
      <Leaks connected={project.workspace !== null} />
      <SendMailing
        project={project}
        suggestedId={broadcastId}
        gateOpen={(gate.data?.open ?? false) && !gate.isError}
      />
    </Page>
  );
}

function Open({ gate }: { gate: Gate }) {
  return (
    <section className="gate gate-open" aria-labelledby="gate-state">
      <IconLockOpen size={44} stroke={1.4} aria-hidden />
      <div>
        <Title order={2} id="gate-state" className="gate-state">
          Open
        </Title>
        <p>Every suppression is in place. Sending and the upload of profiles are allowed.</p>
        {gate.certificate && (
          <p>It locks again on {formatTime(gate.certificate.validUntil)} unless you read back anew.</p>
        )}
      </div>
    </section>
  );
}

function Locked({ gate, onGo }: { gate: Gate; onGo: (step: Step) => void }) {
  return (
    <section className="gate" aria-labelledby="gate-state">
      <IconLock size={44} stroke={1.4} aria-hidden />
      <div>
        <Title order={2} id="gate-state" className="gate-state">
          Locked
        </Title>
        <p>
          Nothing can be sent from here.{" "}
          {gate.blockers.length > 1 && `${formatCount(gate.blockers.length, "thing")} stand in the way:`}
          {gate.blockers.length === 1 && "One thing stands in the way:"}
        </p>
      </div>
      <ol className="gate-blockers">
        {gate.blockers.map(({ code, message, nextStep }) => {
          const step = stepForBlocker(code);
          return (
            <li key={`${code} ${message}`}>
              <div>
                <p className="gate-blocker">{message}</p>
                <p className="dimmed small">{nextStep}</p>
              </div>
              {step && (
                <Button size="xs" variant="default" onClick={() => onGo(step)}>
                  Go to {stepTitles[step]}
                </Button>
              )}
            </li>
          );
        })}
      </ol>
    </section>
  );
}

function Proof({ certificate, project }: { certificate: Certificate; project: Project }) {
  const { workspace } = certificate;
  return (
    <Section
      title="Certificate"
      explanation="What the open gate rests on. If any of these changes, the gate locks."
    >
      <Particulars
        items={[
          [
            "Workspace",
            <>
              <WorkspaceName
                workspace={{ ...workspace, endpoint: project.workspace?.endpoint ?? null, connectedAt: "" }}
              />
              , ID {workspace.id}, {workspace.region.toUpperCase()}
            </>,
          ],
          ["Suppressed addresses", formatNumber(certificate.suppressedAddresses)],
          ["Suppressed people", formatNumber(certificate.suppressedPersons)],
          ["Read back", formatTime(certificate.verifiedAt)],
          ["Valid until", formatTime(certificate.validUntil)],
          ["Exports", <Hash key="exports" hash={certificate.exportHash} name="export hash" />],
          ["Merge", <Hash key="merge" hash={certificate.mergeHash} name="merge hash" />],
          ["Plan", <Hash key="plan" hash={certificate.planHash} name="plan hash" />],
          ["Signed with", <Hash key="key" hash={certificate.publicKey} name="public key" />],
        ]}
      />
      <ProofTable totals={certificate.totals} bySource={certificate.bySource} />
      <SaveCertificate />
    </Section>
  );
}

function Unproven({ proof }: { proof: Comparison }) {
  return (
    <Section
      title="Last read-back"
      explanation="Suppressed addresses and people that the exports name, and how far they got. Where a number is lower than Exported, somebody was lost on the way."
    >
      <ProofTable totals={proof.totals} bySource={proof.bySource} />
    </Section>
  );
}
