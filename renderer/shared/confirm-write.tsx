import { Button, Group, Modal, TextInput } from "@mantine/core";
import { type ReactNode, useState } from "react";
import type { Workspace } from "../../contract/project.ts";

interface ConfirmWriteProps {
  /** What is about to happen, as a title: `Upload 1,234 suppressions?` */
  title: string;
  /** What it means. */
  children: ReactNode;
  /** The button's word: `Upload`. */
  action: string;
  workspace: Workspace;
  opened: boolean;
  onClose: () => void;
  /** `typedName` is what the operator typed; empty where no name was asked for. */
  onConfirm: (typedName: string) => void;
}

/** Asks before anything is written. A production workspace has to be named by typing (invariant 10). */
export function ConfirmWrite(props: ConfirmWriteProps) {
  return (
    <Modal opened={props.opened} onClose={props.onClose} title={props.title}>
      {/* A component of its own, so that the typed name is forgotten when the question closes. */}
      <Question {...props} />
    </Modal>
  );
}

function Question({ children, action, workspace, onClose, onConfirm }: ConfirmWriteProps) {
  const [typed, setTyped] = useState("");
  const mustType = workspace.role === "production";
  const allowed = !mustType || typed.trim() === workspace.name;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!allowed) return;
        onClose();
        onConfirm(typed.trim());
      }}
    >
      {children}
      {mustType && (
        <TextInput
          mt="md"
          label={
            <>
              This is a production workspace. Type its name to go on: <strong>{workspace.name}</strong>
            </>
          }
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          autoComplete="off"
          data-autofocus
        />
      )}
      <Group mt="lg" justify="flex-end">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" disabled={!allowed}>
          {action}
        </Button>
      </Group>
    </form>
  );
}
