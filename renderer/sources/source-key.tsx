import { Button, Group, PasswordInput, Stack } from "@mantine/core";
import { useState } from "react";
import { Loaded } from "../shared/loaded.tsx";
import { FailureNotice, Notice } from "../shared/notice.tsx";
import { type ApiSourceName, sourceTitles } from "../shared/words.ts";
import { useClients } from "../shell/clients-context.tsx";
import { useKeychain, useTask } from "../shell/queries.ts";
import { keyWords } from "./pull-words.ts";

interface SourceKeyProps {
  source: ApiSourceName;
  pending: boolean;
  disabled: boolean;
  /** Gets the key, or null where the stored one is to be used. */
  onConnect: (key: string | null) => void;
  onCancel: () => void;
}

/** The key of a vendor's API. It leaves the window's memory as soon as it is handed over. */
export function SourceKey({ source, pending, disabled, onConnect, onCancel }: SourceKeyProps) {
  const { host } = useClients();
  const keychain = useKeychain();
  const [replacing, setReplacing] = useState(false);
  const forgetting = useTask(() => host.keychain.forgetSource({ source }));
  const title = sourceTitles[source];
  return (
    <Loaded query={keychain} waiting="Asking the keychain…">
      {({ persistent, sources }) => (
        <Stack>
          {!persistent && (
            <Notice kind="attention" title="This system has no keychain that Sendgate can use.">
              The key is kept only until you close Sendgate and is never written to disk. You enter it again
              next time, also for a sync by schedule.
            </Notice>
          )}
          {sources.includes(source) && !replacing ? (
            <Group>
              <Button disabled={disabled} loading={pending} onClick={() => onConnect(null)}>
                Connect with the stored key
              </Button>
              <Button variant="default" disabled={pending} onClick={() => setReplacing(true)}>
                Enter another key
              </Button>
              <Button
                variant="default"
                disabled={pending}
                loading={forgetting.isPending}
                onClick={() => forgetting.mutate()}
              >
                Forget this key
              </Button>
              <Button variant="default" disabled={pending} onClick={onCancel}>
                Cancel
              </Button>
            </Group>
          ) : (
            <KeyForm
              title={title}
              description={keyWords[source]}
              persistent={persistent}
              pending={pending}
              disabled={disabled}
              onConnect={onConnect}
              onCancel={onCancel}
            />
          )}
          {forgetting.isError && <FailureNotice error={forgetting.error} />}
        </Stack>
      )}
    </Loaded>
  );
}

interface KeyFormProps {
  title: string;
  description: string;
  persistent: boolean;
  pending: boolean;
  disabled: boolean;
  onConnect: (key: string) => void;
  onCancel: () => void;
}

function KeyForm({ title, description, persistent, pending, disabled, onConnect, onCancel }: KeyFormProps) {
  const [key, setKey] = useState("");
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!key.trim()) return;
        onConnect(key.trim());
        setKey("");
      }}
    >
      <Stack maw={620}>
        <PasswordInput
          label={`${title} API key`}
          description={description}
          value={key}
          autoComplete="off"
          spellCheck={false}
          data-autofocus
          visibilityToggleButtonProps={{ "aria-label": `Show or hide the ${title} API key` }}
          onChange={(event) => setKey(event.currentTarget.value)}
        />
        {persistent && (
          <p className="dimmed small" style={{ margin: 0 }}>
            The key goes into this system’s keychain and is not shown again.
          </p>
        )}
        <Group>
          <Button type="submit" disabled={disabled || !key.trim()} loading={pending}>
            Store the key and connect
          </Button>
          <Button variant="default" disabled={pending} onClick={onCancel}>
            Cancel
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
