import { consumeEventIterator } from "@orpc/client";
import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useState } from "react";
import type { Activity } from "../../contract/activity.ts";
import { useClients } from "./clients-context.tsx";

const ActivityContext = createContext<Activity | null>(null);

/** The long task that is running, or null. While one runs no other can start. */
export function useActivity(): Activity | null {
  return useContext(ActivityContext);
}

/** How long to wait before asking again when the watch broke off, in milliseconds. */
const watchAgainAfter = 1000;

export function ActivityProvider({ children }: { children: ReactNode }) {
  const { engine } = useClients();
  const queryClient = useQueryClient();
  const [activity, setActivity] = useState<Activity | null>(null);
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let running = false;
    const stop = consumeEventIterator(engine.activity.watch(), {
      onEvent: (next) => {
        setActivity(next);
        // What a task changed shows at its end, also where another window or the command line started it.
        if (running && next === null) void queryClient.invalidateQueries();
        running = next !== null;
      },
      onFinish: () => {
        timer = setTimeout(() => setAttempt((count) => count + 1), watchAgainAfter);
      },
    });
    return () => {
      clearTimeout(timer);
      // The stop itself finishes the watch and would set the timer again.
      void stop().finally(() => clearTimeout(timer));
    };
  }, [engine, queryClient, attempt]);

  return <ActivityContext value={activity}>{children}</ActivityContext>;
}
