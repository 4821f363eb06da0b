import { Button, Group, Modal, Stack, Textarea } from "@mantine/core";
import { useState } from "react";
import { FailureNotice } from "../shared/notice.tsx";
import { type ApiSourceName, sourceTitles } from "../shared/words.ts";
import { useClients } from "../shell/clients-context.tsx";
import { useTask } from "../shell/queries.ts";

/** The old tool is not asked any longer; the reason is kept on record. */
export function RetireSource({ source, onClose }: { source: ApiSourceName; onClose: () => void }) {
  const { engine } = useClients();
  const [reason, setReason] = useState("");
  const title = sourceTitles[source];
  const retiring = useTask(async () => {
    await engine.sources.retire({ source, reason: reason.trim() });
    onClose();
  });
  return (
    <Modal opened onClose={onClose} title={`Retire ${title}`}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (reason.trim()) retiring.mutate();
        }}
      >
        <Stack>
          <p style={{ margin: 0 }}>
            Sendgate will no longer ask {title} what changed, and the age of its export will no longer lock
            the gate. What it brought stays and counts. Whoever opts out there after the last export is{" "}
            <strong>not</strong> brought over, so retire it only when no mail that it sent can still be
            answered with an opt-out.
          </p>
          <Textarea
            label="Reason"
            description="Kept on record with the decision."
            value={reason}
            autosize
            minRows={2}
            data-autofocus
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          {retiring.isError && <FailureNotice error={retiring.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" disabled={!reason.trim()} loading={retiring.isPending}>
              Retire
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
