import { Button, Group, NumberInput, SegmentedControl } from "@mantine/core";
import { useState } from "react";
import type { Project } from "../../contract/project.ts";
import type { SendReport } from "../../contract/sends.ts";
import { ConfirmWrite } from "../shared/confirm-write.tsx";
import { shownFailure } from "../shared/failure.ts";
import { formatCount, formatNumber } from "../shared/format.ts";
import { FailureNotice, Notice } from "../shared/notice.tsx";
import { Section } from "../shared/page.tsx";
import { WorkspaceName } from "../shared/workspace-name.tsx";
import { useActivity } from "../shell/activity-context.tsx";
import { useClients } from "../shell/clients-context.tsx";
import { useTask } from "../shell/queries.ts";

interface SendMailingProps {
  project: Project;
  /** The simulator's broadcast in a practice migration. */
  suggestedId: number | null;
  /** False also where its state is not known. */
  gateOpen: boolean;
}

type Kind = "broadcast" | "newsletter";

/** Sends a broadcast or a newsletter through the gate. While it is locked the engine refuses, and the reason shows here. */
export function SendMailing({ project, suggestedId, gateOpen }: SendMailingProps) {
  const { engine } = useClients();
  const activity = useActivity();
  const [kind, setKind] = useState<Kind>("broadcast");
  const [typed, setTyped] = useState<number | string>(suggestedId ?? "");
  const [asking, setAsking] = useState(false);
  const number = typeof typed === "number" && Number.isInteger(typed) && typed > 0 ? typed : null;
  const named = (id: number) => (kind === "broadcast" ? { broadcastId: id } : { newsletterId: id });
  const sending = useTask(({ id, dryRun, confirm }: { id: number; dryRun: boolean; confirm?: string }) =>
    engine.delivery.send({ ...named(id), dryRun, ...(confirm !== undefined && { confirm }) }),
  );
  const settling = useTask(({ id, wasSent }: { id: number; wasSent: boolean }) =>
    engine.delivery.settleSend({ ...named(id), wasSent }),
  );
  const { workspace } = project;
  const canAsk = number !== null && activity === null;
  const isUnclear = sending.isError && shownFailure(sending.error).code === "SEND_UNCLEAR";
  const settle = (wasSent: boolean) => {
    if (number === null) return;
    sending.reset();
    settling.mutate({ id: number, wasSent });
  };
  return (
    <Section
      title="Send"
      explanation="Triggers a broadcast that was made in Customer.io to be started by API, or sends a newsletter that is a draft there. Its number is the last part of its address in Customer.io."
    >
      <Group align="flex-end">
        <SegmentedControl
          aria-label="What to send"
          value={kind}
          onChange={(value) => {
            setKind(value as Kind);
            sending.reset();
          }}
          data={[
            { value: "broadcast", label: "Broadcast" },
            { value: "newsletter", label: "Newsletter" },
          ]}
        />
        <NumberInput
          label={`${titles[kind]} number`}
          value={typed}
          onChange={setTyped}
          min={1}
          allowDecimal={false}
          allowNegative={false}
          hideControls
          w={180}
        />
        <Button
          variant="default"
          disabled={!canAsk}
          loading={sending.isPending && sending.variables.dryRun}
          onClick={() => number !== null && sending.mutate({ id: number, dryRun: true })}
        >
          Dry run
        </Button>
        <Button
          disabled={!canAsk}
          loading={sending.isPending && !sending.variables.dryRun}
          onClick={() => {
            if (workspace) setAsking(true);
            else if (number !== null) sending.mutate({ id: number, dryRun: false });
          }}
        >
          Send
        </Button>
      </Group>
      {!gateOpen && !sending.isError && (
        <p className="dimmed small" style={{ margin: 0 }}>
          The gate is locked, so nothing goes out. What stands in its way is at the top of this screen.
        </p>
      )}
      {sending.isError && (
        <FailureNotice
          error={sending.error}
          actions={
            isUnclear && (
              <>
                <Button size="xs" variant="default" onClick={() => settle(true)}>
                  It was sent
                </Button>
                <Button size="xs" variant="default" onClick={() => settle(false)}>
                  It was not sent
                </Button>
              </>
            )
          }
        />
      )}
      {settling.isError && <FailureNotice error={settling.error} />}
      {settling.isSuccess && (
        <Notice
          kind="info"
          title={`On record: it was ${settling.variables.wasSent ? "" : "not "}sent.`}
          live
        />
      )}
      {sending.isSuccess && <Outcome report={sending.data} />}
      {workspace && (
        <ConfirmWrite
          title={`Send ${kind} ${number ?? ""}?`}
          action="Send"
          workspace={workspace}
          opened={asking}
          onClose={() => setAsking(false)}
          onConfirm={() =>
            number !== null && sending.mutate({ id: number, dryRun: false, confirm: workspace.name })
          }
        >
          <p style={{ margin: 0 }}>
            It goes out from <WorkspaceName workspace={workspace} /> to everybody whom the {kind} names, and
            cannot be called back.
          </p>
        </ConfirmWrite>
      )}
    </Section>
  );
}

const titles: Record<Kind, string> = { broadcast: "Broadcast", newsletter: "Newsletter" };

function Outcome({ report }: { report: SendReport }) {
  const { broadcastId, newsletterId, dryRun, triggerId, deliveries } = report;
  const name = broadcastId === null ? `newsletter ${newsletterId}` : `broadcast ${broadcastId}`;
  if (dryRun) {
    return <Notice kind="info" title={`Dry run: ${name} would be sent. Nothing was sent.`} live />;
  }
  const title =
    broadcastId === null ? `Newsletter ${newsletterId} is sent.` : `Broadcast ${broadcastId} is triggered.`;
  const reached = deliveries?.reached ?? 0;
  return (
    <Notice kind={reached > 0 ? "problem" : deliveries ? "good" : "attention"} title={title} live>
      {triggerId !== null && `Customer.io gave it the trigger number ${formatNumber(triggerId)}. `}
      {!deliveries &&
        "Its deliveries could not be compared with the suppressions: look again; until then the gate is locked."}
      {deliveries &&
        (reached > 0
          ? `${formatNumber(reached)} suppressed people were reached: the gate is locked.`
          : `${formatCount(deliveries.compared, "message")} so far, none to a suppressed person.`)}
    </Notice>
  );
}
