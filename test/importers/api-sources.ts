import { createHash } from "node:crypto";
import type { ApiAccess, ApiExport, ApiImporter } from "../../importers/api-importer.ts";
import { iterableApiImporter } from "../../importers/iterable/api/importer.ts";
import { klaviyoApiImporter } from "../../importers/klaviyo/api/importer.ts";
import { mailchimpApiImporter } from "../../importers/mailchimp/api/importer.ts";
import { iterableFaults } from "../../simulators/iterable/faults.ts";
import { klaviyoFaults } from "../../simulators/klaviyo/faults.ts";
import { mailchimpFaults } from "../../simulators/mailchimp/faults.ts";
import type { PersonEvents } from "../../simulators/world/person-events.ts";
import { createWorld } from "../../simulators/world/world.ts";
import * as iterable from "../iterable/pull.ts";
import * as klaviyo from "../klaviyo/pull.ts";
import * as mailchimp from "../mailchimp/pull.ts";

/** Somebody as the vendor's own state has them. */
export interface Known {
  email: string | null;
  userId: string | null;
  /** Whether the profile itself says that the person must not be mailed. */
  suppressed: boolean;
}

/** Trouble in the form that all simulators take. */
export type SharedFault = "reset" | "truncate" | "hang" | { status: number; body?: unknown };

/** A vendor's account under way. */
export interface RunningSource {
  key: string;
  /** How many requests came so far. */
  requestCount(): number;
  /** Impatient, with small pages where the vendor allows it. @param patience tries of one call; default 4 */
  connect(access?: Partial<ApiAccess>, patience?: { attempts: number }): ApiExport;
  events: PersonEvents;
  /** Everybody, by the vendor's own state. */
  people(): Known[];
  /** Somebody without an address and a user_id. */
  addNobody(): void;
  /** Somebody with a custom field of this many characters. */
  addLargeField(email: string, length: number): void;
  /** The vendor says of somebody what no documentation knows. */
  sayUnknownWord(email: string): void;
  setFaults(faults: (() => SharedFault | undefined) | "rough" | undefined): void;
  close(): Promise<void>;
}

export interface ApiSource {
  importer: ApiImporter;
  userIdField: string;
  /** Another one that nobody ever made. */
  unknownUserIdField: string;
  /** @param people of the invented world @param now the vendor's clock, milliseconds since 1970 */
  start(people: number, now: () => number): Promise<RunningSource>;
}

const impatient = { attempts: 4 };
const timeoutMs = 1_000;

/** Every source with an API importer. A new one is an entry here. */
export const apiSources: Record<string, ApiSource> = {
  mailchimp: {
    importer: mailchimpApiImporter,
    userIdField: mailchimp.userIdField,
    unknownUserIdField: "merge_fields.GONE",
    async start(people, now) {
      const simulator = await mailchimp.startSimulator({ world: createWorld({ people, seed: 3 }), now });
      const { account } = simulator;
      const reachable = ["subscribed", "pending", "transactional"];
      return {
        ...simulator,
        connect: (access, { attempts } = impatient) =>
          mailchimp.connect(simulator, { pageSize: 20, timeoutMs, attempts }, access),
        people: () =>
          account.audiences.flatMap((audience) =>
            [...audience.members()].map(({ email, mergeFields, status }) => ({
              email: email || null,
              userId: String(mergeFields.USER_ID) || null,
              suppressed: !reachable.includes(status),
            })),
          ),
        addNobody: () => void account.addPerson({ email: "" }),
        addLargeField: (email, length) =>
          void account.addPerson({ email, mergeFields: { COMPANY: "x".repeat(length) } }),
        sayUnknownWord: (email) => account.setStatus(email, "quarantined"),
        setFaults: (faults) =>
          simulator.setFaults(faults === "rough" ? mailchimpFaults.rough() : faults && (() => faults())),
      };
    },
  },
  klaviyo: {
    importer: klaviyoApiImporter,
    userIdField: "external_id",
    unknownUserIdField: "externalId",
    async start(people, now) {
      const simulator = await klaviyo.startFastSimulator({ people, seed: 3, now, longestPage: 20 });
      const { events } = simulator;
      return {
        ...simulator,
        connect: (access, { attempts } = impatient) =>
          klaviyo.connect(simulator, access, { timeoutMs, retries: attempts - 1 }),
        people: () =>
          simulator.profiles().map(({ email, externalId, consent, suppressions }) => ({
            email: email || null,
            userId: externalId || null,
            suppressed: consent === "UNSUBSCRIBED" || suppressions.length > 0,
          })),
        addNobody: () => void events.addPerson({ email: null }),
        addLargeField: (email, length) =>
          void events.addPerson({ email, properties: { essay: "x".repeat(length) } }),
        sayUnknownWord: (email) => events.suppress(email, { reason: "NEVER_HEARD_OF" }),
        setFaults: (faults) =>
          simulator.setFaults(faults === "rough" ? klaviyoFaults.rough() : faults && (() => faults())),
      };
    },
  },
  iterable: {
    importer: iterableApiImporter,
    userIdField: "userId",
    unknownUserIdField: "crm_nobody_has",
    async start(people, now) {
      const simulator = await iterable.startFastSimulator({
        people: createWorld({ people, seed: 3 }),
        now,
        rowsPerFile: 40,
      });
      const { project, events } = simulator;
      const isForgotten = (value: string | null) => {
        const hash = createHash("sha256")
          .update((value ?? "").toLowerCase())
          .digest("hex");
        return project.forgottenEmails.has(hash) || project.forgottenUserIds.has(hash);
      };
      return {
        ...simulator,
        requestCount: () => simulator.requests().length,
        connect: (access, { attempts } = impatient) =>
          iterable.connect(simulator, access, {
            idleMs: timeoutMs,
            shortIdleMs: timeoutMs,
            retries: attempts - 1,
          }),
        people: () =>
          [...project.users].map(({ email, userId, unsubscribedChannelIds: left }) => ({
            email,
            userId,
            suppressed:
              project.marketing.every((id) => left.includes(id)) || isForgotten(email) || isForgotten(userId),
          })),
        addNobody: () => void project.addUser({ fields: { Plan: "free" } }),
        addLargeField: (email, length) =>
          void events.addPerson({ email, fields: { essay: "x".repeat(length) } }),
        sayUnknownWord(email) {
          const [user] = project.withEmail(email);
          const left = { channelIds: project.marketing, messageTypeIds: [], emailListIds: [] };
          project.leaveChannels(user!, project.marketing);
          project.log("emailUnSubscribe", user!, { unsubSource: "NeverHeardOf", ...left });
        },
        setFaults: (faults) =>
          simulator.setFaults(
            faults === "rough" ? iterableFaults.rough() : faults && (() => toFault(faults())),
          ),
      };
    },
  },
};

function toFault(fault: SharedFault | undefined) {
  if (typeof fault !== "object" || typeof fault.body !== "string") return fault;
  return { status: fault.status, lines: [fault.body], contentType: "text/html" };
}
