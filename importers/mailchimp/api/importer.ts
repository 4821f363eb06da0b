import { badInput } from "../../../contract/failure.ts";
import type {
  ApiAccess,
  ApiExport,
  ApiImporter,
  ApiPage,
  ApiStream,
  Checkpoint,
} from "../../api-importer.ts";
import { readAbuseReports, readCampaignComplaints } from "./abuse-reports.ts";
import { textOf } from "./answer-shape.ts";
import {
  type Audience,
  attributeNames,
  type MergeField,
  readAudiences,
  readMergeFields,
} from "./audiences.ts";
import { type ClientSettings, createClient, type MailchimpClient } from "./client.ts";
import { endWhereDeleted } from "./deleted-meanwhile.ts";
import type { MemberReading } from "./member-record.ts";
import { readMembers, readUnknownStatuses } from "./members.ts";
import { type OptOutPosition, readOptOutTimes } from "./opt-out-times.ts";
import type { Position } from "./pages.ts";
import { type MailchimpStream, planPull } from "./plan.ts";
import { isNotFound } from "./refusal.ts";
import { createStreamsAhead } from "./streams-ahead.ts";
import { findUserIdCandidates, mergeFieldPrefix } from "./user-id-candidates.ts";

/** Mailchimp's Marketing API (reference/mailchimp.md). It reads and never writes. */
export const mailchimpApiImporter: ApiImporter = {
  source: "mailchimp",
  capabilities: { full: true, delta: true, declaredTotals: true, topics: false },
  connect: (access) => connectMailchimp(access),
};

/** @throws Failure `bad_input` where the key or the endpoint cannot be one */
export function connectMailchimp(access: ApiAccess, settings: ClientSettings = {}): ApiExport {
  const client = createClient(access, settings);
  const userIdTag = tagOf(access.userIdField);
  const mergeFields = new Map<string, Promise<MergeField[]>>();

  /** Asked for once per audience; after a failure again. */
  function mergeFieldsOf(audience: Audience): Promise<MergeField[]> {
    const known = mergeFields.get(audience.id);
    if (known) return known;
    const asked = readMergeFields(client, audience);
    mergeFields.set(audience.id, asked);
    asked.catch(() => mergeFields.delete(audience.id));
    return asked;
  }

  async function audiencesWithFields() {
    const audiences = await readAudiences(client);
    return Promise.all(
      audiences.map(async (audience) => ({ audience, fields: await mergeFieldsOf(audience) })),
    );
  }

  async function* open({ scope }: MailchimpStream, from: Checkpoint | null): AsyncGenerator<ApiPage> {
    const audience = { id: scope.listId, name: scope.audience };
    if (scope.reads === "abuse_reports")
      yield* readAbuseReports(client, audience, userIdTag, from as Position | null);
    else if (scope.reads === "opt_out_times")
      yield* readOptOutTimes(client, scope, userIdTag, from as OptOutPosition | null);
    else if (scope.reads === "campaign_complaints")
      yield* readCampaignComplaints(client, scope, userIdTag, from as number | null);
    else {
      const reading: MemberReading = {
        listId: audience.id,
        asked: scope.status,
        userIdTag,
        attributeNames: attributeNames(await mergeFieldsOf(audience)),
      };
      const read = scope.reads === "members" ? readMembers : readUnknownStatuses;
      yield* read(client, scope, reading, from as Position | null);
    }
  }
  const streams = createStreamsAhead((stream, from) => endWhereDeleted(client, stream, open(stream, from)));

  return {
    async probe() {
      // Whoever waits for this wants to know soon.
      const quick = createClient(access, { timeoutMs: 30_000, ...settings, attempts: 3 });
      await ping(quick);
      return { account: await readAccountName(quick) };
    },

    async userIdCandidates() {
      return findUserIdCandidates(client, await audiencesWithFields());
    },

    async plan(since) {
      const audiences = await audiencesWithFields();
      const tags = audiences.flatMap(({ fields }) => fields.map(({ tag }) => tag));
      if (userIdTag !== null && audiences.length > 0 && !tags.includes(userIdTag))
        throw fieldMissing(userIdTag);
      const plan = await planPull(
        client,
        audiences.map(({ audience }) => audience),
        since,
      );
      streams.planned(plan.streams);
      return plan;
    },

    read: (stream: ApiStream, from: Checkpoint | null) => streams.read(stream as MailchimpStream, from),
  };
}

async function ping(client: MailchimpClient): Promise<void> {
  try {
    await client.call("the account", (api) => api.ping.getWithHttpInfo());
  } catch (error) {
    if (!isNotFound(error)) throw error;
    throw badInput(
      "MAILCHIMP_NOT_THERE",
      "What answers at this address is not Mailchimp's API.",
      "Check the endpoint, or a proxy between this computer and Mailchimp, then start again.",
    );
  }
}

/** The name is for the operator's eyes, so that an account that does not tell it stops nothing. */
async function readAccountName(client: MailchimpClient): Promise<string> {
  try {
    const { body } = await client.call("the account", (api) =>
      api.root.getRootWithHttpInfo({ fields: ["account_id", "account_name"] }),
    );
    return textOf(body.account_name) || textOf(body.account_id) || "Mailchimp account";
  } catch (error) {
    if (isNotFound(error)) return "Mailchimp account";
    throw error;
  }
}

function tagOf(field: string | null): string | null {
  if (field === null) return null;
  if (field.startsWith(mergeFieldPrefix) && field.length > mergeFieldPrefix.length)
    return field.slice(mergeFieldPrefix.length);
  throw badInput(
    "USER_ID_FIELD_UNKNOWN",
    `“${field.slice(0, 60)}” is no field that Mailchimp can keep a user_id in.`,
    "Choose one of the merge fields that are offered.",
  );
}

function fieldMissing(tag: string) {
  return badInput(
    "USER_ID_FIELD_UNKNOWN",
    `No audience in Mailchimp has the merge field ${tag.slice(0, 60)} any longer.`,
    "Choose the field that holds the user_id again.",
  );
}
