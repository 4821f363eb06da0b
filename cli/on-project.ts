import { type EngineClient, withEngine } from "./session.ts";

/** A command on one project: opens it, works, closes it. */
export function onProject<T>(folder: string, work: (client: EngineClient) => Promise<T>): Promise<T> {
  return withEngine(async (client) => {
    await client.project.open({ folder });
    return work(client);
  });
}
