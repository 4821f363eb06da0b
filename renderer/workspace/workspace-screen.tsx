import { Badge, Button, Group, PasswordInput, Radio, Stack } from "@mantine/core";
import { useState } from "react";
import type { CustomerIoKeys } from "../../contract/host-contract.ts";
import type { Project, Workspace, WorkspaceRole } from "../../contract/project.ts";
import { Particulars } from "../shared/figures.tsx";
import { formatTime } from "../shared/format.ts";
import { Loaded } from "../shared/loaded.tsx";
import { FailureNotice, Notice } from "../shared/notice.tsx";
import { Page, Section } from "../shared/page.tsx";
import { useActivity } from "../shell/activity-context.tsx";
import { useClients } from "../shell/clients-context.tsx";
import { resumePractice } from "../shell/opened-project.ts";
import { useKeychain, useTask } from "../shell/queries.ts";
import { RehearsalSection } from "./rehearsal.tsx";

const roleWords: Record<WorkspaceRole, { title: string; explanation: string }> = {
  staging: {
    title: "Staging",
    explanation: "A workspace for trying out. Start here: nothing in it reaches your customers.",
  },
  production: {
    title: "Production",
    explanation: "The workspace that mails your customers. Sendgate asks for its name before it writes.",
  },
};

const regionWords: Record<Workspace["region"], string> = { us: "United States", eu: "European Union" };

/** Step 1: the Customer.io workspaces, and which of them everything is written to. */
export function WorkspaceScreen({ project }: { project: Project }) {
  return (
    <Page
      title="Workspace"
      lead="The Customer.io workspaces that opt-outs and profiles are written to: staging to rehearse, then production. They are kept apart and never share keys."
    >
      {project.workspaces.map((workspace) => (
        <ConnectedWorkspace
          key={workspace.role}
          workspace={workspace}
          isActive={workspace.role === project.workspace?.role}
        />
      ))}
      {project.practice ? <PracticeConnection project={project} /> : <Connect project={project} />}
      <RehearsalSection />
    </Page>
  );
}

function ConnectedWorkspace({ workspace, isActive }: { workspace: Workspace; isActive: boolean }) {
  const { engine } = useClients();
  const activity = useActivity();
  const turning = useTask(() => engine.workspace.use({ role: workspace.role }));
  return (
    <Section
      title={workspace.endpoint ? "Connected" : roleWords[workspace.role].title}
      aside={
        isActive ? (
          <Badge variant="light" color={workspace.role === "production" ? "orange" : "gray"}>
            Everything is written here
          </Badge>
        ) : (
          <Button
            size="xs"
            variant="default"
            disabled={activity !== null}
            loading={turning.isPending}
            onClick={() => turning.mutate()}
          >
            Work on this one
          </Button>
        )
      }
    >
      {turning.isError && <FailureNotice error={turning.error} />}
      <Particulars
        items={[
          ["Name", <strong key="name">{workspace.name}</strong>],
          ["Workspace ID", workspace.id],
          ["Region", regionWords[workspace.region]],
          ["Used for", workspace.endpoint ? "Practice" : roleWords[workspace.role].title],
          ...(workspace.endpoint ? [["Simulator at", workspace.endpoint] satisfies [string, string]] : []),
          ["Connected", formatTime(workspace.connectedAt)],
        ]}
      />
    </Section>
  );
}

function PracticeConnection({ project }: { project: Project }) {
  const clients = useClients();
  const activity = useActivity();
  const connecting = useTask(() => resumePractice(clients, project.folder));
  return (
    <Section
      title="Practice"
      explanation="A practice migration is connected to a simulator of Customer.io on this computer. It needs no keys."
      aside={
        <Button
          size="xs"
          variant="default"
          disabled={activity !== null}
          loading={connecting.isPending}
          onClick={() => connecting.mutate()}
        >
          Connect to the simulator again
        </Button>
      }
    >
      {connecting.isError && <FailureNotice error={connecting.error} />}
      {connecting.isSuccess && <Notice kind="good" title="Connected to the simulator." live />}
    </Section>
  );
}

function Connect({ project }: { project: Project }) {
  const { engine, host } = useClients();
  const activity = useActivity();
  const keychain = useKeychain();
  const connected = new Set(project.workspaces.map((workspace) => workspace.role));
  const [role, setRole] = useState<WorkspaceRole>(connected.has("staging") ? "production" : "staging");
  const bound = connected.has(role);
  const [replacing, setReplacing] = useState(false);

  const connecting = useTask(async (keys: CustomerIoKeys | null) => {
    if (keys) await host.keychain.store({ role, keys });
    const workspace = await engine.workspace.connect({ role });
    setReplacing(false);
    return workspace;
  });
  const forgetting = useTask(() => host.keychain.forget({ role }));
  const failed = connecting.error ?? forgetting.error;

  return (
    <Section
      title={bound ? "Connect again" : "Connect"}
      explanation={
        bound &&
        "Needed when its keys changed. Each role stays with its workspace; for another one, start another migration."
      }
    >
      <Radio.Group
        label="What is this workspace for?"
        value={role}
        onChange={(value) => {
          setRole(value as WorkspaceRole);
          setReplacing(false);
          connecting.reset();
        }}
      >
        <Group mt="xs" align="stretch" grow>
          {(["staging", "production"] as const).map((value) => (
            <Radio
              key={value}
              value={value}
              label={roleWords[value].title}
              description={roleWords[value].explanation}
            />
          ))}
        </Group>
      </Radio.Group>

      <Loaded query={keychain} waiting="Asking the keychain…">
        {({ persistent, held }) => (
          <Stack>
            {!persistent && (
              <Notice kind="attention" title="This system has no keychain that Sendgate can use.">
                Keys are kept only until you close Sendgate and are never written to disk. You enter them
                again next time.
              </Notice>
            )}
            {held[role] && !replacing ? (
              <Group>
                <Button
                  disabled={activity !== null}
                  loading={connecting.isPending}
                  onClick={() => connecting.mutate(null)}
                >
                  Connect with the stored keys
                </Button>
                <Button variant="default" onClick={() => setReplacing(true)}>
                  Enter other keys
                </Button>
                <Button variant="default" loading={forgetting.isPending} onClick={() => forgetting.mutate()}>
                  Forget these keys
                </Button>
              </Group>
            ) : (
              <KeysForm
                key={role}
                persistent={persistent}
                pending={connecting.isPending}
                disabled={activity !== null}
                onConnect={(keys) => connecting.mutate(keys)}
              />
            )}
          </Stack>
        )}
      </Loaded>

      {failed !== null && <FailureNotice error={failed} />}
      {connecting.isSuccess && (
        <Notice kind="good" title={`Connected to ${connecting.data.name}.`} live>
          Workspace {connecting.data.id}, {regionWords[connecting.data.region]}.
        </Notice>
      )}
    </Section>
  );
}

const emptyKeys: CustomerIoKeys = { siteId: "", trackApiKey: "", appApiKey: "" };

const keyFields: { field: keyof CustomerIoKeys; label: string; description: string }[] = [
  {
    field: "siteId",
    label: "Site ID",
    description: "In Customer.io under Settings, API credentials, Track API keys.",
  },
  {
    field: "trackApiKey",
    label: "Track API key",
    description: "Beside the Site ID. Used to write opt-outs and profiles.",
  },
  {
    field: "appApiKey",
    label: "App API key",
    description: "Under App API keys. Used to read back what was written.",
  },
];

interface KeysFormProps {
  persistent: boolean;
  pending: boolean;
  disabled: boolean;
  onConnect: (keys: CustomerIoKeys) => void;
}

/** The keys leave the window's memory as soon as they are handed over. */
function KeysForm({ persistent, pending, disabled, onConnect }: KeysFormProps) {
  const [keys, setKeys] = useState(emptyKeys);
  const complete = keyFields.every(({ field }) => keys[field].trim());
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!complete) return;
        onConnect(keys);
        setKeys(emptyKeys);
      }}
    >
      <Stack maw={560}>
        {keyFields.map(({ field, label, description }) => (
          <PasswordInput
            key={field}
            label={label}
            description={description}
            value={keys[field]}
            autoComplete="off"
            spellCheck={false}
            visibilityToggleButtonProps={{ "aria-label": `Show or hide the ${label}` }}
            onChange={(event) => {
              const { value } = event.currentTarget;
              setKeys((before) => ({ ...before, [field]: value }));
            }}
          />
        ))}
        {persistent && (
          <p className="dimmed small" style={{ margin: 0 }}>
            The keys go into this system’s keychain and are not shown again.
          </p>
        )}
        <Group>
          <Button type="submit" disabled={disabled || !complete} loading={pending}>
            Store the keys and connect
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
