import { Button, Group, NumberInput } from "@mantine/core";
import { useState } from "react";
import type { Project } from "../../contract/project.ts";
import { ConfirmWrite } from "../shared/confirm-write.tsx";
import { formatNumber } from "../shared/format.ts";
import { FailureNotice, Notice } from "../shared/notice.tsx";
import { Section } from "../shared/page.tsx";
import { WorkspaceName } from "../shared/workspace-name.tsx";
import { useActivity } from "../shell/activity-context.tsx";
import { useClients } from "../shell/clients-context.tsx";
import { useTask } from "../shell/queries.ts";

interface SendBroadcastProps {
  project: Project;
  suggestedId: number | null;
}

/** Triggers a broadcast through the gate. While it is locked the engine refuses, and the reason shows here. */
export function SendBroadcast({ project, suggestedId }: SendBroadcastProps) {
  const { engine } = useClients();
  const activity = useActivity();
  const [id, setId] = useState<number | string>(suggestedId ?? "");
  const [asking, setAsking] = useState(false);
  const broadcastId = typeof id === "number" && Number.isInteger(id) && id > 0 ? id : null;
  const sending = useTask((run: { broadcastId: number; dryRun: boolean }) => engine.delivery.send(run));
  const { workspace } = project;
  const canAsk = broadcastId !== null && activity === null;
  return (
    <Section
      title="Send a broadcast"
      explanation="Triggers a broadcast that was made in Customer.io to be started by API. Its number is the last part of its address in Customer.io."
    >
      <Group align="flex-end">
        <NumberInput
          label="Broadcast number"
          value={id}
          onChange={setId}
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
          onClick={() => broadcastId !== null && sending.mutate({ broadcastId, dryRun: true })}
        >
          Dry run
        </Button>
        <Button
          disabled={!canAsk}
          loading={sending.isPending && !sending.variables.dryRun}
          onClick={() => {
            if (workspace) setAsking(true);
            else if (broadcastId !== null) sending.mutate({ broadcastId, dryRun: false });
          }}
        >
          Send
        </Button>
      </Group>
      {sending.isError && <FailureNotice error={sending.error} />}
      {sending.isSuccess && (
        <Notice
          kind={sending.data.dryRun ? "info" : "good"}
          title={
            sending.data.dryRun
              ? `Dry run: broadcast ${sending.data.broadcastId} would be sent. Nothing was sent.`
              : `Broadcast ${sending.data.broadcastId} is triggered.`
          }
          live
        >
          {sending.data.triggerId !== null &&
            `Customer.io gave it the trigger number ${formatNumber(sending.data.triggerId)}.`}
        </Notice>
      )}
      {workspace && (
        <ConfirmWrite
          title={`Send broadcast ${broadcastId ?? ""}?`}
          action="Send"
          workspace={workspace}
          opened={asking}
          onClose={() => setAsking(false)}
          onConfirm={() => broadcastId !== null && sending.mutate({ broadcastId, dryRun: false })}
        >
          <p style={{ margin: 0 }}>
            It goes out from <WorkspaceName workspace={workspace} /> to everybody whom the broadcast names,
            and cannot be called back.
          </p>
        </ConfirmWrite>
      )}
    </Section>
  );
}
