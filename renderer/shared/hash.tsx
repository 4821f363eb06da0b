import { ActionIcon, CopyButton, Tooltip } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { shortHash } from "./format.ts";
import "./hash.css";

/** A hash, cut short for the eye, with a button that copies all of it. `name` says of what: `plan hash`. */
export function Hash({ hash, name }: { hash: string; name: string }) {
  return (
    <span className="hash">
      <code>{shortHash(hash)}</code>
      <CopyButton value={hash}>
        {({ copied, copy }) => (
          <Tooltip label={copied ? "Copied" : `Copy the whole ${name}`}>
            <ActionIcon
              size="sm"
              variant="subtle"
              color="gray"
              aria-label={copied ? "Copied" : `Copy the whole ${name}`}
              onClick={copy}
            >
              {copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
            </ActionIcon>
          </Tooltip>
        )}
      </CopyButton>
    </span>
  );
}
