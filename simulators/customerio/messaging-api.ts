import type { AppCall, AppRoute } from "./app-api.ts";
import { listTriggers, triggerBroadcast, triggerErrors } from "./broadcast-triggers.ts";
import { appError, readJson, type SimulatorResponse } from "./http.ts";
import type { Message, Messaging, SimulatedBroadcast, SimulatedNewsletter } from "./messaging.ts";
import { cursorPage, list } from "./paging.ts";
import { isObject } from "./validation.ts";

/** What the App API says of campaigns, newsletters, broadcasts and deliveries, and the calls that send. */
export const messagingRoutes: AppRoute[] = [
  ["GET campaigns", listCampaigns],
  ["GET broadcasts", listBroadcasts],
  ["GET newsletters", listNewsletters],
  ["POST newsletters/*/send", sendNewsletter],
  ["POST newsletters/*/schedule", scheduleNewsletter],
  ["POST campaigns/*/triggers", triggerBroadcast],
  ["GET campaigns/*/triggers", listTriggers],
  ["GET broadcasts/*/triggers", listTriggers],
  ["GET campaigns/*/triggers/*/errors", triggerErrors],
  ["GET messages", (call) => listMessages(call, () => true)],
  [
    "GET broadcasts/*/messages",
    (call) => listMessages(call, ({ broadcastId }) => String(broadcastId) === call.values[0]),
  ],
  [
    "GET newsletters/*/messages",
    (call) => listMessages(call, ({ newsletterId }) => String(newsletterId) === call.values[0]),
  ],
];

function listCampaigns({ workspace: { messaging }, settings }: AppCall): SimulatorResponse {
  const campaigns: object[] = messaging.campaigns.map((campaign) => ({
    deduplicate_id: `${campaign.id}:${campaign.updated ?? 0}`,
    type: "segment",
    ...campaign,
  }));
  if (messaging.options.broadcastsAmongCampaigns)
    campaigns.push(...messaging.broadcasts.map(broadcastObject));
  return list("campaigns", campaigns, settings);
}

function listBroadcasts({ workspace: { messaging }, settings }: AppCall): SimulatorResponse {
  return list("broadcasts", messaging.broadcasts.map(broadcastObject), settings);
}

function broadcastObject({ id, name, state = "running" }: SimulatedBroadcast) {
  return { id, name, type: "triggered_broadcast", state, active: state === "running" };
}

function listNewsletters({ request, workspace: { messaging }, settings }: AppCall): SimulatorResponse {
  const all = messaging.newsletters.map((newsletter) => newsletterObject(newsletter, messaging));
  if (request.query.get("sort") === "desc") all.reverse();
  const { mostPerPage } = messaging.options;
  const { page, next } = cursorPage(all, request.query, mostPerPage, mostPerPage);
  const answer = list("newsletters", page, settings);
  return { ...answer, body: { ...(answer.body as object), next } };
}

function newsletterObject(newsletter: SimulatedNewsletter, { options }: Messaging) {
  const { id, name, send_state, sent_at, scheduled_at, updated = 0 } = newsletter;
  return {
    id,
    name,
    deduplicate_id: `${id}:${updated}`,
    type: "email",
    updated,
    ...(sent_at === undefined ? {} : { sent_at }),
    ...(options.newsletterStates === "send_state" ? { send_state } : {}),
    ...(options.newsletterStates === "scheduled_at" ? { scheduled_at: scheduled_at ?? null } : {}),
  };
}

/** Newsletters answer with errors of their own shape (reference/customerio.md §2.1). */
function newsletterError(status: number, detail: string): SimulatorResponse {
  return { status, body: { errors: [{ detail }] } };
}

function sendNewsletter({ workspace, values }: AppCall): SimulatorResponse {
  const { messaging, people, lists } = workspace;
  const newsletter = messaging.newsletters.find(({ id }) => String(id) === values[0]);
  if (!newsletter) return appError(404, "newsletter not found");
  if (newsletter.send_state !== "drafted") return newsletterError(400, "the newsletter must be a draft");
  newsletter.send_state = "sent";
  newsletter.sent_at = messaging.options.now();
  const toUnsubscribed = newsletter.sendToUnsubscribed ?? false;
  messaging.send({ newsletterId: newsletter.id, toUnsubscribed }, [...people.all()], lists);
  workspace.changed();
  return { status: 200, body: { newsletter: newsletterObject(newsletter, messaging) } };
}

function scheduleNewsletter({ request, workspace, values }: AppCall): SimulatorResponse {
  const { messaging } = workspace;
  const newsletter = messaging.newsletters.find(({ id }) => String(id) === values[0]);
  if (!newsletter) return appError(404, "newsletter not found");
  const body = readJson(request.body);
  const at = isObject(body) ? body.scheduled_at : undefined;
  if (!isObject(body) || !Number.isInteger(at)) return newsletterError(422, "scheduled_at is required");
  if (!["drafted", "scheduled"].includes(newsletter.send_state))
    return newsletterError(400, "the newsletter must be a draft");
  if (at !== 0 && typeof body.timezone !== "string") return newsletterError(422, "timezone is required");
  newsletter.send_state = at === 0 ? "drafted" : "scheduled";
  newsletter.scheduled_at = at === 0 ? null : (at as number);
  newsletter.updated = messaging.options.now();
  workspace.changed();
  return { status: 200, body: { newsletter: newsletterObject(newsletter, messaging) } };
}

function listMessages(
  { request, workspace: { messaging }, settings }: AppCall,
  concerns: (message: Message) => boolean,
): SimulatorResponse {
  const { query } = request;
  const from = Number(query.get("start_ts") ?? 0);
  const newsletter = query.get("newsletter_id");
  const found = messaging.messages
    .filter((message) => concerns(message) && message.created >= from)
    .filter(({ newsletterId }) => newsletter === null || String(newsletterId) === newsletter)
    .reverse()
    .map((message) => ({
      id: message.id,
      deduplicate_id: `${message.id}:${message.created}`,
      customer_id: message.person.id,
      customer_identifiers: message.person,
      recipient: message.recipient,
      subject: "News",
      type: message.type,
      metrics: message.metrics,
      created: message.created,
      failure_message: null,
      campaign_id: null,
      newsletter_id: message.newsletterId,
      broadcast_id: message.broadcastId,
      forgotten: false,
    }));
  const { page, next } = cursorPage(found, query, 50, Math.min(1000, messaging.options.mostPerPage));
  const answer = list("messages", page, settings);
  return { ...answer, body: { ...(answer.body as object), next } };
}
