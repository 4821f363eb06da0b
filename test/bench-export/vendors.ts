import type { ApiAccess, ApiExport } from "../../importers/api-importer.ts";
import { iterableApiImporter } from "../../importers/iterable/api/importer.ts";
import { klaviyoApiImporter } from "../../importers/klaviyo/api/importer.ts";
import { connections } from "../../importers/mailchimp/api/client.ts";
import { connectMailchimp } from "../../importers/mailchimp/api/importer.ts";
import { startIterableSimulator } from "../../simulators/iterable/simulator.ts";
import { klaviyoTiers } from "../../simulators/klaviyo/rate-limit.ts";
import { startKlaviyoSimulator } from "../../simulators/klaviyo/simulator.ts";
import { startMailchimpSimulator } from "../../simulators/mailchimp/simulator.ts";
import { createWorld } from "../../simulators/world/world.ts";

/** A simulator, as far as the bench looks at it. */
export interface BenchSimulator {
  url: string;
  key: string;
  /** The last 20,000 requests. */
  requests(): readonly { status: number }[];
  /** In calls. */
  allowedPerSecond(): number;
}

interface Vendor {
  /** People of the world, of whom the vendor knows a part: enough for half a minute. */
  people: number;
  userIdField: string;
  /** @param called is told of each call that the limit is about */
  start(people: number, called: () => void): Promise<BenchSimulator>;
  connect(access: ApiAccess): ApiExport;
  /** The streams that nearly all calls of a large export go to; the limit is measured over these. */
  isMeasured(streamId: string): boolean;
}

/** How long Mailchimp takes to answer, and how many members it gives: a tenth of life's thousand. */
const mailchimpCallMs = 600;
const mailchimpPageSize = 100;
/** The connections that the user's other tools hold all the time. */
const othersConnections = 2;

const { steady } = klaviyoTiers.L;

export const vendors = {
  /** Limits connections, not calls: what they allow in a second depends on how long a call takes. */
  mailchimp: {
    people: 170_000,
    userIdField: "merge_fields.USER_ID",
    async start(people, called) {
      const simulator = await startMailchimpSimulator({
        world: createWorld({ people, seed: 1 }),
        latencyMs: mailchimpCallMs,
        faults: () => void called(),
      });
      simulator.setOtherConnections(othersConnections);
      const allowedPerSecond = () => {
        const secondsOfCall = simulator.connectionMs() / 1000 / simulator.requestCount();
        return (10 - othersConnections) / secondsOfCall;
      };
      return { ...simulator, allowedPerSecond };
    },
    connect: (access) => connectMailchimp(access, { pageSize: mailchimpPageSize }),
    isMeasured: (id) => id.startsWith("members/"),
  },
  /** Real limits. */
  klaviyo: {
    people: 36_000,
    userIdField: "external_id",
    start: async (people, called) => ({
      ...(await startKlaviyoSimulator({ people, faults: () => void called() })),
      allowedPerSecond: () => steady / 60,
    }),
    connect: klaviyoApiImporter.connect,
    isMeasured: (id) => id === "profiles",
  },
  /** Real limits; so few rows in a file and files on a page that the limit binds, and not the disk. */
  iterable: {
    people: 75_000,
    userIdField: "userId",
    start: async (people, called) => ({
      ...(await startIterableSimulator({
        people: createWorld({ people, seed: 1 }),
        pollsWhileRunning: 0,
        rowsPerFile: 300,
        filesPerPage: 10,
        faults: ({ path }) => void (/^\/api\/export\/(?:start|\d+\/files)$/.test(path) && called()),
      })),
      allowedPerSecond: () => 1,
    }),
    connect: iterableApiImporter.connect,
    isMeasured: (id) => id === "users",
  },
} satisfies Record<string, Vendor>;

export type VendorId = keyof typeof vendors;

if (connections > 10 - othersConnections) throw new Error("Mailchimp's other tools have fewer connections.");
