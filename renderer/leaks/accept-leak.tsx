import { Button, Group, Modal, Stack, Textarea } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { FailureNotice } from "../shared/notice.tsx";
import { useClients } from "../shell/clients-context.tsx";
import { useTask } from "../shell/queries.ts";

interface AcceptLeakProps {
  id: string;
  title: string;
  /** The button's word: `Accept`. */
  action: string;
  /** What it means. */
  children: ReactNode;
  onClose: () => void;
}

/** Asks why something may stay as it is, and puts that on record. */
export function AcceptLeak({ id, title, action, children, onClose }: AcceptLeakProps) {
  const { engine } = useClients();
  const [reason, setReason] = useState("");
  const accepting = useTask(async () => {
    await engine.leaks.accept({ id, reason: reason.trim() });
    onClose();
  });
  return (
    <Modal opened onClose={onClose} title={title}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (reason.trim()) accepting.mutate();
        }}
      >
        <Stack>
          <p style={{ margin: 0 }}>{children}</p>
          <Textarea
            label="Reason"
            description="Kept on record."
            value={reason}
            autosize
            minRows={2}
            data-autofocus
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          {accepting.isError && <FailureNotice error={accepting.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" disabled={!reason.trim()} loading={accepting.isPending}>
              {action}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
