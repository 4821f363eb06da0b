import { Button, Group, Stack, TextInput } from "@mantine/core";
import { useState } from "react";
import type { ErasePreview } from "../../contract/workspaces.ts";
import { formatCount } from "../shared/format.ts";
import { Notice } from "../shared/notice.tsx";
import { LeftAddresses } from "./left-addresses.tsx";

interface ErasePhraseProps {
  preview: ErasePreview;
  /** Something else runs. */
  disabled: boolean;
  erasing: boolean;
  /** With the phrase as it was typed. */
  onErase: (typed: string) => void;
}

/** Whom an erasure means, and the phrase to type before it begins. */
export function ErasePhrase({ preview, disabled, erasing, onErase }: ErasePhraseProps) {
  const [typed, setTyped] = useState("");
  const { people, profiles, identifiers, workspace, left, confirm } = preview;
  const allowed = typed === confirm && !disabled && !erasing;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (allowed) onErase(typed);
      }}
    >
      <Stack>
        <Notice
          kind="attention"
          title={`This deletes ${formatCount(people, "person", "people")} with ${formatCount(profiles, "profile")} in ${workspace.name} for ever.`}
          live
        >
          {formatCount(identifiers, "ID or address is", "IDs and addresses are")} blocked for ever. Nothing is
          erased yet.
        </Notice>
        <LeftAddresses left={left} />
        <TextInput
          label={
            <>
              To go on, type exactly: <strong>{confirm}</strong>
            </>
          }
          value={typed}
          disabled={erasing}
          onChange={(event) => setTyped(event.currentTarget.value)}
          autoComplete="off"
          spellCheck={false}
        />
        <Group justify="flex-end">
          <Button type="submit" color="brick" disabled={!allowed} loading={erasing}>
            Erase for ever
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
