import { Button, MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClientProvider } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { Loaded, Waiting } from "../shared/loaded.tsx";
import { Notice } from "../shared/notice.tsx";
import { Start } from "../start/start.tsx";
import { ClientsProvider } from "./clients-context.tsx";
import { type Clients, clientsOver, requestPorts } from "./connection.ts";
import { Migration } from "./migration.tsx";
import type { OpenedProject } from "./opened-project.ts";
import { createQueryClient, useProject } from "./queries.ts";
import { cssVariables, theme } from "./theme.ts";
import "@mantine/core/styles.css";
import "@mantine/dropzone/styles.css";
import "@mantine/notifications/styles.css";
import "./app.css";

/** The window: waits for the ports, then shows the start screen or the open migration. */
export function App() {
  const [queryClient] = useState(createQueryClient);
  const connection = useConnection();
  return (
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
      <QueryClientProvider client={queryClient}>
        <Notifications position="bottom-right" />
        {connection.state === "waiting" && <Waiting>Sendgate is starting…</Waiting>}
        {connection.state === "failed" && (
          <Stopped title="The window could not reach the rest of Sendgate." />
        )}
        {connection.state === "engine-gone" && (
          <Stopped title="The part of Sendgate that does the work has stopped." />
        )}
        {connection.state === "connected" && (
          <ClientsProvider value={connection.clients}>
            <StartOrMigration />
          </ClientsProvider>
        )}
      </QueryClientProvider>
    </MantineProvider>
  );
}

type Connection =
  | { state: "waiting" }
  | { state: "failed" }
  | { state: "engine-gone" }
  | { state: "connected"; clients: Clients };

function useConnection(): Connection {
  const [connection, setConnection] = useState<Connection>({ state: "waiting" });
  useEffect(() => {
    let left = false;
    const show = (next: Connection) => {
      if (!left) setConnection(next);
    };
    requestPorts().then(
      ({ enginePort, hostPort }) => {
        const clients = clientsOver(enginePort, hostPort);
        show({ state: "connected", clients });
        void clients.engineGone.then(() => show({ state: "engine-gone" }));
      },
      () => show({ state: "failed" }),
    );
    return () => {
      left = true;
    };
  }, []);
  return connection;
}

function Stopped({ title }: { title: string }) {
  return (
    <main className="stopped">
      <Notice
        kind="problem"
        title={title}
        live
        actions={<Button onClick={() => location.reload()}>Start it again</Button>}
      >
        Your migration is kept on disk up to the last finished write. Start it again, then open the migration.
      </Notice>
    </main>
  );
}

function StartOrMigration() {
  const project = useProject();
  const [opened, setOpened] = useState<OpenedProject | null>(null);
  if (project.data === undefined) {
    return (
      <main className="stopped">
        <Loaded query={project} waiting="Looking for an open migration…">
          {() => null}
        </Loaded>
      </main>
    );
  }
  if (project.data === null) return <Start onOpened={setOpened} />;
  return <Migration key={project.data.folder} project={project.data} practice={opened?.practice ?? null} />;
}
