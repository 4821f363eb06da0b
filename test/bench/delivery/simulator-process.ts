import { meansUnsubscribed } from "../../../simulators/customerio/people.ts";
import { startCustomerIoSimulator } from "../../../simulators/customerio/simulator.ts";
import { type Crowd, suppressedPerson } from "./people.ts";

/** Requests since the simulator started. */
export interface Traffic {
  app: number;
  appThrottled: number;
  track: number;
  trackThrottled: number;
  /** Writes that took effect: entries for ESP lists, and items of batches. */
  writes: number;
}

export interface SimulatorReady {
  url: string;
  keys: { siteId: string; trackApiKey: string; appApiKey: string };
}
export type Question = { ask: "traffic" } | { ask: "lost"; crowd: Crowd };

/** The vendor's end in a process of its own, so that its memory and its work are not the engine's. */
export async function runSimulator(appRequestsPerSecond: number | null): Promise<void> {
  const traffic: Traffic = { app: 0, appThrottled: 0, track: 0, trackThrottled: 0, writes: 0 };
  const simulator = await startCustomerIoSimulator({
    ...(appRequestsPerSecond !== null && { appRequestsPerSecond }),
    recordBodies: true,
    onAnswered(request) {
      const { path, status, method, body } = request;
      const api = path.startsWith("/api/") ? "track" : "app";
      traffic[api] += 1;
      if (status === 429) traffic[`${api}Throttled`] += 1;
      else if (path === "/api/v2/batch") traffic.writes += body.split('"type":"person"').length - 1;
      else if (method === "POST" && path.startsWith("/v1/esp/suppression/")) traffic.writes += 1;
      request.body = "";
    },
  });
  process.on("message", (question: Question) => {
    simulator.settle();
    process.send!(question.ask === "traffic" ? traffic : countLost(simulator, question.crowd));
  });
  process.on("disconnect", () => process.exit());
  process.send!({ url: simulator.url, keys: simulator.keys } satisfies SimulatorReady);
}

/** Suppressed people whom a broadcast could reach, or whose list entry is missing. */
function countLost(simulator: Awaited<ReturnType<typeof startCustomerIoSimulator>>, crowd: Crowd): number {
  const lists = simulator.lists();
  let lost = 0;
  for (let number = 0; number < crowd.suppressions; number += 1) {
    const { means, email, userId } = suppressedPerson(number, crowd);
    const holders = simulator.peopleByEmail(email);
    const unsubscribed =
      holders.length > 0 &&
      holders.every(({ attributes }) => meansUnsubscribed(attributes.unsubscribed)) &&
      (userId === null || meansUnsubscribed(simulator.personById(userId)?.attributes.unsubscribed));
    const safe = {
      complained: unsubscribed && lists.has("spam_reports", email),
      // A bounce is the address's, not the person's.
      bounced: lists.has("bounces", email),
      unsubscribed,
    };
    if (!safe[means]) lost += 1;
  }
  return lost;
}
