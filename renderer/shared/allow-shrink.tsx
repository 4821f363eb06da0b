import { Button, Group, Modal, Stack, Textarea } from "@mantine/core";
import { useState } from "react";
import { shownFailure } from "./failure.ts";

/** True where a task stopped because the suppression set shrank beyond the limit; nothing is written then. */
export function isShrink(error: unknown): boolean {
  return shownFailure(error).code === "SUPPRESSIONS_SHRANK";
}

interface AllowShrinkProps {
  error: unknown;
  onClose: () => void;
  onAllow: (reason: string) => void;
}

/** The suppression set became smaller than it can by itself; only a person can say why. */
export function AllowShrink({ error, onClose, onAllow }: AllowShrinkProps) {
  const [reason, setReason] = useState("");
  return (
    <Modal opened onClose={onClose} title="Go on although opt-outs are gone?">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (reason.trim()) onAllow(reason.trim());
        }}
      >
        <Stack>
          <p style={{ margin: 0 }}>{shownFailure(error).message}</p>
          <p style={{ margin: 0 }}>
            That happens when a file was replaced, an account, an audience or a list was deleted, or a key now
            opens another account. What stands in Customer.io is never taken back, but people who are missing
            now would not be protected in a new workspace. Find the cause first; go on only when it is meant.
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
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" disabled={!reason.trim()}>
              Go on
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
