import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { temporaryFolder } from "../../engine/testing/temporary-project.ts";
import { startKlaviyoSimulator } from "../../simulators/klaviyo/simulator.ts";
import { startMailchimpSimulator } from "../../simulators/mailchimp/simulator.ts";
import { createWorld } from "../../simulators/world/world.ts";
import { buildCommandLine } from "./command-line.ts";

const cli = join(import.meta.dirname, "..", "..", "out", "cli.mjs");

beforeAll(buildCommandLine);

async function run(args: readonly string[], environment: Record<string, string>, kill?: AbortSignal) {
  const child = spawn(process.execPath, [cli, ...args], {
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exit = once(child, "exit");
  kill?.addEventListener("abort", () => child.kill("SIGKILL"));
  let output = "";
  for await (const piece of child.stdout) output += piece;
  const [code] = await exit;
  return { code: code as number | null, output };
}

async function vendor(source: "klaviyo" | "mailchimp") {
  const world = { people: 150, seed: 2 };
  const started =
    source === "klaviyo"
      ? await startKlaviyoSimulator({
          ...world,
          longestPage: 10,
          tiers: { profiles: { burst: 1e4, steady: 1e6 } },
        })
      : await startMailchimpSimulator({ world: createWorld(world) });
  onTestFinished(() => started.close());
  return started;
}

/** People and suppressions of a project that pulled from the source and merged. */
async function outputs(folder: string, environment: Record<string, string>): Promise<string[]> {
  await run(["merge", folder, "--json"], environment);
  const files = [join(folder, "..", "people.csv"), join(folder, "..", "suppressions.csv")];
  await run(["people", folder, "--out", files[0]!], environment);
  await run(["suppressions", folder, "--out", files[1]!], environment);
  return Promise.all(files.map((file) => readFile(file, "utf8")));
}

describe.each(["klaviyo", "mailchimp"] as const)("pulling %s", (source) => {
  it("killed again and again in the middle, it goes on where it was and ends with the very same people", async () => {
    const simulator = await vendor(source);
    const environment = { [`${source.toUpperCase()}_API_KEY`]: simulator.key };
    const pull = (folder: string, kill?: AbortSignal) =>
      run(["pull", folder, "--source", source, "--endpoint", simulator.url, "--json"], environment, kill);

    const whole = join(await temporaryFolder(), "project");
    await run(["new", whole], environment);
    expect((await pull(whole)).code).toBe(0);
    const calls = simulator.requests().length;

    const cut = join(await temporaryFolder(), "project");
    await run(["new", cut], environment);
    let kills = 0;
    for (const share of [0.3, 0.5, 0.7, 0.9]) {
      const kill = new AbortController();
      const stop = simulator.requests().length + Math.floor(calls * share);
      const watching = setInterval(() => simulator.requests().length >= stop && kill.abort(), 2);
      const { code } = await pull(cut, kill.signal);
      clearInterval(watching);
      if (code === 0) break;
      kills += 1;
      const gate = await run(["gate", cut, "--json"], environment);
      expect(gate.code).toBe(3);
    }
    expect(kills).toBeGreaterThan(0);
    const last = await pull(cut);
    expect(JSON.parse(last.output)).toMatchObject({
      source,
      complete: true,
      full_pulled_at: expect.stringMatching(/^\d{4}-/),
    });
    expect(await outputs(cut, environment)).toEqual(await outputs(whole, environment));
  });
});

it("a wrong key is bad usage: exit code 2, and the words say where to get a right one", async () => {
  const simulator = await vendor("klaviyo");
  const folder = join(await temporaryFolder(), "project");
  await run(["new", folder], {});
  const { code } = await run(["pull", folder, "--source", "klaviyo", "--endpoint", simulator.url], {
    KLAVIYO_API_KEY: "pk_wrong",
  });
  expect(code).toBe(2);
});
