import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import {
  type PracticeVendors,
  type PracticeVendorsOptions,
  startPracticeVendors,
} from "./practice-vendors.ts";

async function start(options: Partial<PracticeVendorsOptions> = {}): Promise<PracticeVendors> {
  const vendors = await startPracticeVendors({ people: 200, seed: 3, ...options });
  onTestFinished(() => vendors.close());
  return vendors;
}

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "practice-vendors-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return join(folder, "vendors");
}

/** One call to each vendor that succeeds with its key alone. */
function callEach({ customerio, mailchimp, klaviyo, iterable }: PracticeVendors): Promise<Response[]> {
  const basic = (user: string, password: string) => ({
    authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`,
  });
  return Promise.all([
    fetch(`${customerio.url}/v1/workspaces`, {
      headers: { authorization: `Bearer ${customerio.keys.appApiKey}` },
    }),
    fetch(`${mailchimp.url}/3.0/lists`, { headers: basic("any", mailchimp.key) }),
    fetch(`${klaviyo.url}/api/accounts`, {
      headers: { authorization: `Klaviyo-API-Key ${klaviyo.key}`, revision: "2026-07-15" },
    }),
    fetch(`${iterable.url}/api/channels`, { headers: { "api-key": iterable.key } }),
  ]);
}

/** Everything that the three old tools hold. */
const heldBy = ({ mailchimp, klaviyo, iterable }: PracticeVendors) =>
  structuredClone({
    audiences: mailchimp.account.audiences.map((audience) => ({
      createdAt: audience.createdAt,
      members: [...audience.members()],
      abuseReports: audience.abuseReports,
    })),
    campaigns: mailchimp.account.campaigns,
    profiles: klaviyo.profiles(),
    users: [...iterable.project.users],
    events: iterable.project.events,
    suppressed: iterable.project.members,
  });

const addressesOf = (vendors: PracticeVendors) => [
  vendors.customerio.url,
  vendors.mailchimp.url,
  vendors.klaviyo.url,
  vendors.iterable.url,
];

test("all four vendors answer on loopback, and the old tools know the same people", async () => {
  const vendors = await start();
  expect(addressesOf(vendors).every((url) => url.startsWith("http://127.0.0.1:"))).toBe(true);
  expect((await callEach(vendors)).map(({ status }) => status)).toEqual([200, 200, 200, 200]);

  const held = heldBy(vendors);
  const members = new Set(held.audiences.flatMap(({ members }) => members.map(({ email }) => email)));
  const users = new Set(held.users.map(({ email }) => email));
  const inAllThree = held.profiles.filter(({ email }) => members.has(email ?? "") && users.has(email));
  expect(inAllThree.length).toBeGreaterThan(0);
});

test("when time passes, people opt out, bounce, complain and come back at the old tools", async () => {
  const vendors = await start();
  const before = heldBy(vendors);
  const events = vendors.timePasses();
  const after = heldBy(vendors);
  const optOutsOf = (held: typeof after) => ({
    unsubscribed: held.audiences.flatMap(({ members }) =>
      members.filter(({ status }) => status === "unsubscribed"),
    ).length,
    cleaned: held.audiences.flatMap(({ members }) => members.filter(({ status }) => status === "cleaned"))
      .length,
    complaints: held.audiences.flatMap(({ abuseReports }) => abuseReports).length,
    consent: held.profiles.filter(({ consent }) => consent === "UNSUBSCRIBED").length,
    suppressions: held.profiles.flatMap(({ suppressions }) => suppressions).length,
    bounces: held.events.filter(({ type }) => type === "emailBounce").length,
    iterableComplaints: held.events.filter(({ type }) => type === "emailComplaint").length,
    optOutEvents: held.events.filter(({ type }) => type === "emailUnSubscribe").length,
  });
  const then = optOutsOf(before);
  const now = optOutsOf(after);
  for (const kind of Object.keys(then) as (keyof typeof then)[])
    expect(now[kind], kind).toBeGreaterThan(then[kind]);

  // Three times two to four unsubscribes, a bounce and a complaint, and one who came back.
  expect(events).toBeGreaterThanOrEqual(13);
  expect(events).toBeLessThanOrEqual(19);
  expect(vendors.timePasses(), "and again, to others").toBeGreaterThanOrEqual(13);
  expect(optOutsOf(heldBy(vendors)).consent).toBeGreaterThan(now.consent);
});

test("what happens lies in the past of the vendors' clock, which runs on while they are closed", async () => {
  const folder = await newFolder();
  const clock = async ({ iterable }: PracticeVendors) => {
    const answer = await fetch(`${iterable.url}/api/channels`, { headers: { "api-key": iterable.key } });
    return Date.parse(answer.headers.get("date") ?? "");
  };
  const first = await start({ folder });
  const began = await clock(first);
  first.timePasses();
  const latest = Math.max(...first.iterable.project.events.map(({ at }) => at));
  expect(latest).toBeGreaterThan(began);
  const ended = await clock(first);
  expect(ended).toBeGreaterThan(latest);
  await first.close();

  const dayMs = 86_400_000;
  const realNow = Date.now;
  const tomorrow = vi.spyOn(Date, "now").mockImplementation(() => realNow() + dayMs);
  onTestFinished(() => tomorrow.mockRestore());
  expect(await clock(await start({ folder }))).toBeGreaterThanOrEqual(ended + dayMs);
});

test("started again on the same folder, everything is as it was and where it was", async () => {
  const folder = await newFolder();
  const first = await start({ folder });
  first.timePasses();
  first.timePasses();
  const { siteId, trackApiKey } = first.customerio.keys;
  await fetch(`${first.customerio.url}/api/v1/customers/ada`, {
    method: "PUT",
    headers: { authorization: `Basic ${Buffer.from(`${siteId}:${trackApiKey}`).toString("base64")}` },
    body: JSON.stringify({ email: "ada@example.com" }),
  });
  first.customerio.settle();
  const addresses = addressesOf(first);
  const held = heldBy(first);
  await first.close();

  const again = await start({ folder, people: 50, seed: 9 });
  expect(addressesOf(again)).toEqual(addresses);
  expect(heldBy(again)).toEqual(held);
  expect(again.customerio.personById("ada")).toMatchObject({ email: "ada@example.com" });
  const differently = await start({ people: 200, seed: 3 });
  expect(heldBy(differently)).not.toEqual(held);

  // The third hour is the one that would have come without the restart.
  again.timePasses();
  const unbroken = await start();
  for (let hour = 1; hour <= 3; hour += 1) unbroken.timePasses();
  const whoLeft = (vendors: PracticeVendors) =>
    heldBy(vendors).profiles.filter(({ consent }) => consent === "UNSUBSCRIBED");
  expect(whoLeft(again).map(({ email }) => email)).toEqual(whoLeft(unbroken).map(({ email }) => email));
});

test("what is kept can be read by its owner only", async () => {
  const folder = await newFolder();
  const vendors = await start({ folder });
  await vendors.close();
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
  for (const name of await readdir(folder)) expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
});

test("an address that somebody else took meanwhile is given up for a free one", async () => {
  const folder = await newFolder();
  const first = await start({ folder });
  const held = heldBy(first);
  const [, mailchimp, , iterable] = addressesOf(first);
  await first.close();
  for (const url of [mailchimp!, iterable!]) {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(Number(new URL(url).port), "127.0.0.1", resolve));
    onTestFinished(() => void other.close());
  }
  const again = await start({ folder });
  expect(again.mailchimp.url).not.toBe(mailchimp);
  expect(again.iterable.url).not.toBe(iterable);
  expect(again.klaviyo.url).toBe(first.klaviyo.url);
  expect(heldBy(again)).toEqual(held);
  expect((await callEach(again)).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
});

test("a trouble strikes the vendors that know it, and leaves the others alone", async () => {
  const vendors = await start({ faults: "down" });
  expect((await callEach(vendors)).map(({ status }) => status)).toEqual([200, 200, 503, 200]);
});

test("the limits are the vendors' own, or faster by the pace that was asked for", async () => {
  const throttled = async (options: Partial<PracticeVendorsOptions>) => {
    const { customerio, klaviyo, iterable } = await start(options);
    const calls = (url: string, headers: Record<string, string>, count = 6) =>
      Promise.all(Array.from({ length: count }, () => fetch(url, { headers }).then(({ status }) => status)));
    const app = { authorization: `Bearer ${customerio.keys.appApiKey}` };
    const statuses = [
      await calls(`${customerio.url}/v1/workspaces`, app, 50),
      await calls(`${klaviyo.url}/api/accounts`, {
        authorization: `Klaviyo-API-Key ${klaviyo.key}`,
        revision: "2026-07-15",
      }),
      await calls(`${iterable.url}/api/lists/getUsers?listId=1`, { "api-key": iterable.key }),
    ];
    return statuses.map((each) => each.includes(429));
  };
  expect(await throttled({})).toEqual([true, true, true]);
  expect(await throttled({ pace: { appRequestsPerSecond: 200, minuteMs: 1 } })).toEqual([
    false,
    false,
    false,
  ]);
});
