import { Button, Group, Modal, Stack, TextInput, Title } from "@mantine/core";
import { IconFlask, IconFolderOpen, IconFolderPlus } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { fileName } from "../shared/format.ts";
import { Loaded } from "../shared/loaded.tsx";
import { FailureNotice } from "../shared/notice.tsx";
import { useClients } from "../shell/clients-context.tsx";
import { Mark } from "../shell/mark.tsx";
import {
  createProject,
  type OpenedProject,
  openProject,
  type PracticeStage,
  startPractice,
} from "../shell/opened-project.ts";
import { useTask } from "../shell/queries.ts";
import "./start.css";

const stageWords: Record<PracticeStage, string> = {
  inventing: "Inventing people and writing their export files…",
  creating: "Making the migration’s folder…",
  connecting: "Connecting to the simulator…",
};

/** The first screen: start, open or practise. */
export function Start({ onOpened }: { onOpened: (opened: OpenedProject) => void }) {
  const clients = useClients();
  const [stage, setStage] = useState<PracticeStage>("inventing");
  const [naming, setNaming] = useState(false);
  const recent = useQuery({ queryKey: ["recent"], queryFn: () => clients.host.projects.recent() });

  // The opened project is kept before the queries are asked again, so that the migration starts with it.
  const opening = useTask(async (run: () => Promise<OpenedProject | null>) => {
    const opened = await run();
    if (opened) onOpened(opened);
  });
  const openByDialog = async () => {
    const folder = await clients.host.dialogs.openFolder({ title: "Open a migration" });
    return folder === null ? null : openProject(clients, folder);
  };
  const [started, setStarted] = useState<"practice" | "open" | null>(null);
  const begin = (what: typeof started, run: () => Promise<OpenedProject | null>) => {
    setStarted(what);
    opening.mutate(run);
  };
  const busy = opening.isPending;

  return (
    <main className="start">
      <div className="start-page">
        <div className="start-head">
          <Mark size={44} />
          <div>
            <Title order={1}>Sendgate</Title>
            <p className="start-purpose">
              Moves your people and every opt-out from Mailchimp, Klaviyo or Iterable to Customer.io, and lets
              nothing be sent before each opt-out is proven to be in place.
            </p>
          </div>
        </div>

        {opening.isError && <FailureNotice error={opening.error} />}

        <div className="start-ways">
          <Way
            icon={<IconFlask size={24} stroke={1.6} aria-hidden />}
            title="Practise first"
            text="A whole migration with invented people and a simulator on this computer. Needs no account and no keys."
          >
            <Button
              fullWidth
              loading={busy && started === "practice"}
              disabled={busy}
              onClick={() => begin("practice", () => startPractice(clients, setStage))}
            >
              Start a practice migration
            </Button>
          </Way>
          <Way
            icon={<IconFolderPlus size={24} stroke={1.6} aria-hidden />}
            title="Start for real"
            text="Choose an empty folder. Everything about the migration is kept there, on this computer only."
          >
            <Button fullWidth variant="default" disabled={busy} onClick={() => setNaming(true)}>
              New migration
            </Button>
          </Way>
          <Way
            icon={<IconFolderOpen size={24} stroke={1.6} aria-hidden />}
            title="Go on"
            text="Open the folder of a migration that was started before."
          >
            <Button
              fullWidth
              variant="default"
              loading={busy && started === "open"}
              disabled={busy}
              onClick={() => begin("open", openByDialog)}
            >
              Open migration
            </Button>
          </Way>
        </div>

        <p className="start-stage" role="status">
          {busy && (started === "practice" ? stageWords[stage] : "Opening…")}
        </p>

        <section className="start-recent" aria-labelledby="recent-title">
          <Title order={2} id="recent-title">
            Recent migrations
          </Title>
          <Loaded query={recent} waiting="Looking for recent migrations…">
            {(projects) =>
              projects.length === 0 ? (
                <p className="dimmed">None yet. Migrations that you start or open are listed here.</p>
              ) : (
                <ul className="start-list">
                  {projects.map((project) => (
                    <li key={project.folder}>
                      <button
                        type="button"
                        className="start-project"
                        disabled={busy}
                        onClick={() => begin("open", () => openProject(clients, project.folder))}
                      >
                        <span className="start-project-name">
                          {project.name}
                          {project.practice && <span className="start-project-practice">practice</span>}
                        </span>
                        <span className="start-project-folder">{project.folder}</span>
                      </button>
                    </li>
                  ))}
                </ul>
              )
            }
          </Loaded>
        </section>
      </div>

      <Modal opened={naming} onClose={() => setNaming(false)} title="New migration">
        <NewMigration
          onCancel={() => setNaming(false)}
          onCreate={(folder, name) => {
            setNaming(false);
            begin("open", () => createProject(clients, folder, name));
          }}
        />
      </Modal>
    </main>
  );
}

function Way(props: { icon: ReactNode; title: string; text: string; children: ReactNode }) {
  return (
    <section className="start-way" aria-label={props.title}>
      <span className="start-way-icon">{props.icon}</span>
      <Title order={2}>{props.title}</Title>
      <p>{props.text}</p>
      {props.children}
    </section>
  );
}

interface NewMigrationProps {
  onCancel: () => void;
  onCreate: (folder: string, name: string) => void;
}

function NewMigration({ onCancel, onCreate }: NewMigrationProps) {
  const { host } = useClients();
  const [folder, setFolder] = useState<string | null>(null);
  const [name, setName] = useState("");
  const choosing = useMutation({
    mutationFn: () => host.dialogs.openFolder({ title: "Choose an empty folder for the migration" }),
    onSuccess: (chosen) => {
      if (chosen === null) return;
      setFolder(chosen);
      setName((typed) => typed || fileName(chosen));
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (folder !== null && name.trim()) onCreate(folder, name.trim());
      }}
    >
      <Stack>
        <div>
          <Button
            variant="default"
            loading={choosing.isPending}
            onClick={() => choosing.mutate()}
            data-autofocus
          >
            Choose folder…
          </Button>
          <p className="start-folder">{folder ?? "No folder is chosen yet."}</p>
        </div>
        {choosing.isError && <FailureNotice error={choosing.error} />}
        <TextInput
          label="Name"
          description="How the migration is called in this window. The folder keeps its own name."
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onCancel}>
            Cancel
          </Button>
          <Button type="submit" disabled={folder === null || !name.trim()}>
            Create migration
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
