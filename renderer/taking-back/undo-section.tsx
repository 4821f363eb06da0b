import { Button, Group, Radio, Stack, Textarea } from "@mantine/core";
import { useState } from "react";
import type { Workspace } from "../../contract/project.ts";
import type { UndoOutlook, UndoReport } from "../../contract/workspaces.ts";
import { ConfirmWrite } from "../shared/confirm-write.tsx";
import { formatCount, formatNumber } from "../shared/format.ts";
import { FailureNotice, Notice } from "../shared/notice.tsx";
import { Section } from "../shared/page.tsx";
import { Problems } from "../shared/upload-result.tsx";
import { WorkspaceName } from "../shared/workspace-name.tsx";
import { useActivity } from "../shell/activity-context.tsx";
import { useClients } from "../shell/clients-context.tsx";
import { useTask } from "../shell/queries.ts";
import { typedLines } from "./typed-lines.ts";
import { UndoOutlookTable } from "./undo-outlook.tsx";

interface UndoSectionProps {
  outlook: UndoOutlook;
  workspace: Workspace;
}

type Scope = "all" | "named";

/** Takes ESP list entries of this project back, with a reason on record. */
export function UndoSection({ outlook, workspace }: UndoSectionProps) {
  const { engine } = useClients();
  const activity = useActivity();
  const [scope, setScope] = useState<Scope>("all");
  const [addresses, setAddresses] = useState("");
  const [reason, setReason] = useState("");
  const [asking, setAsking] = useState(false);
  const named = typedLines(addresses);
  const undoing = useTask((confirm: string) =>
    engine.delivery.undo({ esp: scope === "all" ? "all" : named, reason: reason.trim(), confirm }),
  );
  const isComplete = reason.trim() !== "" && (scope === "all" || named.length > 0);
  return (
    <Section
      title="Take list entries back"
      explanation="For entries that a wrong file put on the bounce, spam or invalid address lists: replace that file, merge and plan again, then take them back here. Once this begins, the gate is locked until the suppressions are uploaded and read back again."
    >
      <UndoOutlookTable outlook={outlook} />
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (isComplete) setAsking(true);
        }}
      >
        <Stack>
          <Radio.Group
            label="Which entries?"
            value={scope}
            onChange={(value) => {
              setScope(value as Scope);
              undoing.reset();
            }}
          >
            <Group mt="xs" align="stretch" grow>
              <Radio
                value="all"
                label="All that no source asks for any more"
                description="Only entries that this migration made."
              />
              <Radio
                value="named"
                label="Addresses I name"
                description="One that a source still suppresses comes off only where its profile is unsubscribed; the next upload lists it again."
              />
            </Group>
          </Radio.Group>
          {scope === "named" && (
            <Textarea
              label="Addresses to take back"
              description="One on each line."
              value={addresses}
              autosize
              minRows={2}
              maxRows={10}
              onChange={(event) => setAddresses(event.currentTarget.value)}
            />
          )}
          <Textarea
            label="Reason"
            description="Kept on record."
            value={reason}
            autosize
            minRows={2}
            maxRows={10}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          <Group justify="flex-end">
            <Button
              type="submit"
              variant="default"
              disabled={!isComplete || activity !== null}
              loading={undoing.isPending}
            >
              Take back…
            </Button>
          </Group>
        </Stack>
      </form>
      {undoing.isError && <FailureNotice error={undoing.error} />}
      {undoing.isSuccess && <Outcome report={undoing.data} />}
      <ConfirmWrite
        title={
          scope === "all"
            ? "Take back all entries that no source asks for?"
            : `Take back the entries of ${formatCount(named.length, "address", "addresses")}?`
        }
        action="Take back"
        workspace={workspace}
        opened={asking}
        onClose={() => setAsking(false)}
        onConfirm={(confirm) => undoing.mutate(confirm)}
      >
        <p style={{ margin: 0 }}>
          They come off the suppression lists of <WorkspaceName workspace={workspace} />, and the lists no
          longer stop mail to these addresses. The gate is locked until the suppressions are uploaded and read
          back again.
        </p>
      </ConfirmWrite>
    </Section>
  );
}

function Outcome({ report: { takenBack, stillThere, kept, keptItems } }: { report: UndoReport }) {
  const moved = takenBack + stillThere > 0;
  return (
    <>
      <Notice
        kind={stillThere > 0 ? "problem" : kept > 0 ? "attention" : moved ? "good" : "info"}
        title={
          takenBack + stillThere + kept === 0
            ? "There was nothing to take back."
            : `${formatCount(takenBack, "list entry", "list entries")} taken back, ${formatNumber(kept)} kept.`
        }
        live
      >
        {stillThere > 0 && (
          <p>
            {formatNumber(stillThere)} {stillThere === 1 ? "is" : "are"} still seen on the list. Take back
            once more.
          </p>
        )}
        {moved && <p>The gate is locked until the suppressions are uploaded and read back again.</p>}
      </Notice>
      <Problems label="Entries that were kept" problems={keptItems} total={kept} />
    </>
  );
}
