/**
 * How much of what each vendor allows its API importer uses: importer against simulator, each in a process of its
 * own, on 127.0.0.1.
 *
 *   npm run -s bench:export -- --json
 *   {"mailchimp":{"profiles":…,"seconds":…,"allowed_per_second":…,"utilisation":…,"rss_mb":…,"throttled":…},…}
 *
 * `allowed_per_second` is in calls. `utilisation` is the share of it that was used while the bulk of the export was
 * read, `throttled` the share of calls that were refused with 429, `rss_mb` the most memory that the importer's process
 * had. `--people` is the size of the invented world, `--source` chooses one vendor. Takes about two minutes by default.
 */
import { parseArgs } from "node:util";
import { Child } from "./child.ts";
import { exportAll, simulate } from "./children.ts";
import type { FromImporter, FromSimulator } from "./messages.ts";
import { type VendorId, vendors } from "./vendors.ts";

const [role, vendor, ...rest] = process.argv.slice(2);
if (role === "simulate") await simulate(vendor as VendorId, Number(rest[0]));
else if (role === "export") await exportAll(vendor as VendorId, rest[0]!, rest[1]!);
else await runBench();

async function runBench(): Promise<void> {
  const { people, sources, json } = readArguments();
  const results: Record<string, Awaited<ReturnType<typeof measure>>> = {};
  for (const source of sources) {
    console.error(`${source} …`);
    const result = await measure(source, people ?? vendors[source].people);
    results[source] = result;
    console.error(
      `${source}: ${result.profiles} profiles in ${result.seconds} s, ${Math.round(result.utilisation * 100)} % of ${result.allowed_per_second} calls a second, ${result.rss_mb} MB, ${result.throttled * 100} % refused`,
    );
  }
  if (json) console.log(JSON.stringify(results));
}

async function measure(source: VendorId, people: number) {
  const simulator = new Child<FromSimulator>("simulate", source, String(people));
  const children: { end(): void }[] = [simulator];
  const counts = () => {
    simulator.ask();
    return simulator.hear("counts");
  };
  try {
    const { url, key } = await simulator.hear("ready");
    const importer = new Child<FromImporter>("export", source, url, key);
    children.push(importer);
    await importer.hear("begin");
    const before = await counts();
    const { seconds, profiles } = await importer.hear("end");
    const after = await counts();
    const { rssMb } = await importer.hear("done");
    const { throttled, allowedPerSecond } = await counts();
    const admitted = (after.limited - before.limited) * (1 - throttled);
    return {
      profiles,
      seconds: rounded(seconds, 1),
      allowed_per_second: rounded(allowedPerSecond, 1),
      utilisation: rounded(admitted / (allowedPerSecond * seconds), 3),
      rss_mb: Math.round(rssMb),
      throttled: rounded(throttled, 4),
    };
  } finally {
    for (const child of children) child.end();
  }
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

function readArguments(): { people: number | null; sources: VendorId[]; json: boolean } {
  const known = Object.keys(vendors) as VendorId[];
  const { values } = parseArgs({
    options: {
      people: { type: "string" },
      source: { type: "string", multiple: true, default: known },
      json: { type: "boolean", default: false },
    },
  });
  const people = values.people === undefined ? null : Number(values.people);
  const sources = known.filter((source) => values.source.includes(source));
  const isGood = people === null || (Number.isSafeInteger(people) && people > 0);
  if (isGood && sources.length === values.source.length) return { people, sources, json: values.json };
  console.error(
    "Usage: npm run -s bench:export -- [--people N] [--source mailchimp|klaviyo|iterable …] [--json]",
  );
  process.exit(2);
}
