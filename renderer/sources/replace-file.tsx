import { Button, Group, Modal, Select, Stack, Textarea } from "@mantine/core";
import { useState } from "react";
import type { SourceFile } from "../../contract/sources.ts";
import { FailureNotice } from "../shared/notice.tsx";
import { useClients } from "../shell/clients-context.tsx";
import { useTask } from "../shell/queries.ts";

interface ReplaceFileProps {
  earlier: SourceFile;
  /** Files that can take its place. */
  candidates: SourceFile[];
  onClose: () => void;
}

/** An earlier file stops counting; the reason is kept on record. */
export function ReplaceFile({ earlier, candidates, onClose }: ReplaceFileProps) {
  const { engine } = useClients();
  const [later, setLater] = useState<string | null>(
    candidates.length === 1 ? String(candidates[0]!.id) : null,
  );
  const [reason, setReason] = useState("");
  const replacing = useTask(async () => {
    await engine.sources.replace({ earlier: earlier.id, later: Number(later), reason: reason.trim() });
    onClose();
  });
  return (
    <Modal opened onClose={onClose} title="Replace a file">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (later !== null && reason.trim()) replacing.mutate();
        }}
      >
        <Stack>
          <p style={{ margin: 0 }}>
            <strong>{earlier.name}</strong> will no longer count. Opt-outs that only it holds will be gone
            from the merge, so replace it only if the other file is the same audience, exported later.
          </p>
          <Select
            label="Replaced by"
            placeholder="Choose the newer file…"
            data={candidates.map((file) => ({ value: String(file.id), label: file.name }))}
            value={later}
            allowDeselect={false}
            onChange={setLater}
          />
          <Textarea
            label="Reason"
            description="Kept on record with the decision."
            value={reason}
            autosize
            minRows={2}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          {replacing.isError && <FailureNotice error={replacing.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" disabled={later === null || !reason.trim()} loading={replacing.isPending}>
              Replace
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
