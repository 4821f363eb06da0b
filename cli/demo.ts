import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import Papa from "papaparse";
import { badInput } from "../contract/failure.ts";
import { practicePace } from "../contract/practice-pace.ts";
import type { PullReport } from "../contract/pulls.ts";
import type { CustomerIoSimulator } from "../simulators/customerio/simulator.ts";
import { type PracticeExport, writePracticeExports } from "../simulators/exports/practice-exports.ts";
import { type PracticeVendors, startPracticeVendors } from "../simulators/practice-vendors.ts";
import { counted, number, tell } from "./output.ts";
import { type EngineClient, failureOf, withEngine } from "./session.ts";
import { gateWords, mergeWords, planWords, pullWords, verifyProfilesWords } from "./words.ts";

/** The old tools that are exported over their APIs. */
const tools = ["mailchimp", "klaviyo", "iterable"] as const;
const broadcastId = 1;

export interface DemoOptions {
  /** Kept afterwards; without it everything is thrown away. */
  folder: string | undefined;
  people: number;
  seed: number;
  json?: boolean;
}

/**
 * A whole practice migration without a window, against simulators of all four vendors over HTTP: export, merge,
 * decisions, a locked gate, suppressions first, read-back, the open gate, profiles, a broadcast, and the sync that
 * brings late opt-outs over.
 */
export async function demo({ folder, people, seed, json }: DemoOptions) {
  const startedAt = performance.now();
  const say = (text: string) => process.stderr.write(`${text}\n`);
  const place = folder === undefined ? await mkdtemp(join(tmpdir(), "sendgate-demo-")) : resolve(folder);
  await mkdir(place, { recursive: true });
  const vendors = await startPracticeVendors({
    people,
    seed,
    pace: practicePace,
  });
  try {
    const summary = await withEngine((client) => migrate(client, vendors, { place, people, seed, say }), {
      keys: vendors.customerio.keys,
      sourceKeys: {
        mailchimp: vendors.mailchimp.key,
        klaviyo: vendors.klaviyo.key,
        iterable: vendors.iterable.key,
      },
      practiceAppRequestsPerSecond: practicePace.appRequestsPerSecond,
      practiceMinuteMs: practicePace.minuteMs,
    });
    const result = { ...summary, seconds: Math.round((performance.now() - startedAt) / 100) / 10 };
    tell(json, result, () =>
      [
        "",
        gateWords(summary.gate),
        `Read back: ${number(summary.verified.covered)} covered, ${number(summary.verified.missing)} missing.`,
        `The broadcast reached ${counted(summary.broadcast.reached, "address", "addresses")}; ${number(summary.broadcast.suppressed_reached)} of them suppressed.`,
        `An hour later the sync brought ${counted(summary.sync.added, "suppression")} over; the gate is ${summary.sync.gate_open ? "open" : "locked"}.`,
        `Done in ${result.seconds} s. The simulated App API was allowed ${practicePace.appRequestsPerSecond} calls a second instead of the vendor's 10; the old tools' minute took ${practicePace.minuteMs / 1000} s.`,
        ...(folder === undefined ? [] : [`Everything is kept in ${place}`]),
      ].join("\n"),
    );
    return result;
  } finally {
    await vendors.close();
    if (folder === undefined) await rm(place, { recursive: true, force: true });
  }
}

interface Setting {
  place: string;
  people: number;
  seed: number;
  say: (text: string) => void;
}

async function migrate(
  client: EngineClient,
  vendors: PracticeVendors,
  { place, people, seed, say }: Setting,
) {
  const simulator = vendors.customerio;
  say("1. A project, bound to a simulated Customer.io workspace");
  await client.project.create({ folder: join(place, "project"), name: "Practice", practice: true });
  await client.workspace.connect({ role: "production", endpoint: simulator.url });

  say(`2. Export of ${number(people)} invented people (seed ${seed}) over the old tools' APIs`);
  const sources = [];
  for (const source of tools) {
    const report = await client.sources.pull({ source, endpoint: vendors[source].url });
    sources.push(pulledSource(report));
    say(indent(pullWords(report)));
  }

  say("3. A file for what has no API");
  const files = [];
  for (const request of await writePracticeExports(join(place, "exports"), { people, seed })) {
    if (request.source === "csv") files.push(await importExport(client, request));
  }
  for (const { source, rows, rejected } of files)
    say(`   ${source}: ${counted(rows, "row")}, ${number(rejected)} rejected`);
  await acceptRejects(client, "Practice: what these rows say stands on other rows too.");

  say("4. Merge and conflicts");
  say(indent(mergeWords(await client.merge.run())));
  await acceptRejects(client, "Practice: these records name nobody.");
  const decided = await decideByCsv(client, join(place, "conflicts.csv"));
  const merge = await client.merge.run();
  say(`   ${counted(decided, "decision")} came back from the conflict CSV; merged again`);

  say("5. The gate is locked: nothing can be sent yet");
  await expectLocked(() => client.delivery.send({ broadcastId }));
  await expectLocked(() => client.delivery.uploadProfiles({}));

  say("6. Plan");
  const plan = await client.plan.make({});
  say(indent(planWords(plan)));

  say("7. Suppressions first");
  const suppressions = await client.delivery.uploadSuppressions({});
  say(`   ${number(suppressions.delivered)} of ${number(suppressions.operations)} delivered`);

  say("8. Read everything back");
  const verified = await client.delivery.verify();
  const gate = await client.gate.state();
  say(indent(gateWords(gate)));
  if (!gate.open)
    return { people, seed, sources, files, merge, plan: shortPlan(plan), verified, gate, ...nothingSent };

  say("9. Profiles, then a broadcast");
  const profiles = await client.delivery.uploadProfiles({});
  const arrived = await client.delivery.verifyProfiles();
  say(indent(verifyProfilesWords(arrived)));
  simulator.settle();
  const sent = await client.delivery.send({ broadcastId });
  const broadcast = await compareDeliveries(
    client,
    simulator,
    sent.triggerId,
    join(place, "suppressions.csv"),
  );
  say(`   ${number(profiles.delivered)} profiles; the broadcast reached ${number(broadcast.reached)}`);
  if (broadcast.suppressed_reached > 0) {
    throw badInput(
      "PRACTICE_FAILED",
      `${broadcast.suppressed_reached} suppressed addresses were reached.`,
      "Please report this.",
    );
  }
  say("10. An hour later: old unsubscribe links still work");
  const events = vendors.timePasses();
  const synced = await client.sync.run({});
  say(indent([`${counted(events, "thing")} happened in the old tools.`, ...synced.words].join("\n")));
  return {
    people,
    seed,
    sources,
    files,
    merge,
    plan: shortPlan(plan),
    verified,
    gate: await client.gate.state(),
    sync: {
      added: synced.added,
      verified: synced.verified.missing === 0 ? synced.added : 0,
      gate_open: synced.gate_open,
    },
    profiles: {
      operations: profiles.operations,
      delivered: profiles.delivered,
      failed: profiles.failed,
      arrived: arrived.arrived,
    },
    broadcast,
    app_requests_per_second: practicePace.appRequestsPerSecond,
  };
}

const nothingSent = {
  profiles: { operations: 0, delivered: 0, failed: 0, arrived: 0 },
  broadcast: { reached: 0, suppressed_reached: 0 },
  sync: { added: 0, verified: 0, gate_open: false },
  app_requests_per_second: practicePace.appRequestsPerSecond,
};

function shortPlan(plan: { hash: string; suppressions: { operations: number } }) {
  return { hash: plan.hash, operations: plan.suppressions.operations };
}

async function importExport(client: EngineClient, { source, files, means }: PracticeExport) {
  const { total } = await client.sources.importFiles({ source, files, ...(means && { means }) });
  return { source, via: "files" as const, ...total };
}

/** As `demo --json` tells it. */
function pulledSource({ source, declared, received, rejected, complete }: PullReport) {
  return { source, via: "api" as const, declared, received, rejected, complete };
}

/** Rejected rows that are still open, if there are any. */
async function acceptRejects(client: EngineClient, reason: string): Promise<void> {
  const { open } = await client.sources.rejects({ offset: 0, limit: 1 });
  if (open > 0) await client.sources.acceptRejects({ file: "all", reason });
}

/** The round trip of an operator: conflicts out, every suggestion taken as the decision, decisions back in. */
async function decideByCsv(client: EngineClient, file: string): Promise<number> {
  await client.merge.exportConflicts({ file });
  const { data } = Papa.parse<Record<string, string>>(await readFile(file, "utf8"), {
    header: true,
    skipEmptyLines: true,
  });
  for (const row of data) row.decision = row.suggestion!;
  await writeFile(file, Papa.unparse(data, { newline: "\r\n" }));
  const report = await client.merge.importDecisions({ file });
  const [refused] = report.refused;
  if (refused)
    throw badInput(
      "PRACTICE_FAILED",
      `Line ${refused.line} of ${file} was refused: ${refused.reason}`,
      "Please report this.",
    );
  return report.applied;
}

async function expectLocked(action: () => Promise<unknown>): Promise<void> {
  try {
    await action();
  } catch (error) {
    if (failureOf(error)?.kind === "locked") return;
    throw error;
  }
  throw badInput(
    "PRACTICE_FAILED",
    "The gate let something through before there was proof.",
    "Please report this.",
  );
}

/** Whom the broadcast reached, against the suppression set. */
async function compareDeliveries(
  client: EngineClient,
  simulator: CustomerIoSimulator,
  triggerId: number | null,
  file: string,
): Promise<{ reached: number; suppressed_reached: number }> {
  await client.merge.exportSuppressions({ file });
  const { data } = Papa.parse<{ email: string }>(await readFile(file, "utf8"), {
    header: true,
    skipEmptyLines: true,
  });
  const suppressed = new Set(data.map((row) => row.email));
  const reached = simulator.deliveriesOf(triggerId ?? -1).map((delivery) => delivery.email.toLowerCase());
  return {
    reached: reached.length,
    suppressed_reached: reached.filter((email) => suppressed.has(email)).length,
  };
}

function indent(text: string): string {
  return text.replace(/^/gm, "   ");
}
