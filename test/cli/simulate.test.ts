import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { buildCommandLine, sendgate } from "./command-line.ts";

const cli = join(import.meta.dirname, "..", "..", "out", "cli.mjs");

beforeAll(buildCommandLine);

/** `simulate` as a process of its own, up to the line that answers `until`. */
async function simulate(args: readonly string[], until: RegExp) {
  const process = spawn(globalThis.process.execPath, [cli, "simulate", ...args]);
  const exit = once(process, "exit");
  onTestFinished(() => void process.kill("SIGKILL"));
  const lines: string[] = [];
  for await (const line of createInterface(process.stdout)) {
    lines.push(line);
    if (until.test(line)) break;
  }
  return {
    lines,
    async end(signal: NodeJS.Signals): Promise<unknown> {
      process.kill(signal);
      const [code] = await exit;
      return code;
    },
  };
}

interface Told {
  customer_io: { endpoint: string; keys: { siteId: string; trackApiKey: string; appApiKey: string } };
  mailchimp: { endpoint: string; key: string };
  klaviyo: { endpoint: string; key: string };
  iterable: { endpoint: string; key: string };
  people: number;
  environment: Record<string, string>;
  exports: { source: string; files: string[] }[];
}

/** One read of each vendor with the key that was told. */
async function callEach({ customer_io, mailchimp, klaviyo, iterable }: Told): Promise<number[]> {
  const calls: [string, Record<string, string>][] = [
    [`${customer_io.endpoint}/v1/workspaces`, { authorization: `Bearer ${customer_io.keys.appApiKey}` }],
    [`${mailchimp.endpoint}/3.0/lists`, { authorization: `Bearer ${mailchimp.key}` }],
    [
      `${klaviyo.endpoint}/api/profiles`,
      { authorization: `Klaviyo-API-Key ${klaviyo.key}`, revision: "2026-07-15" },
    ],
    [`${iterable.endpoint}/api/channels`, { "api-key": iterable.key }],
  ];
  return Promise.all(calls.map(async ([url, headers]) => (await fetch(url, { headers })).status));
}

describe("simulate", () => {
  it.each(["SIGINT", "SIGTERM"] as const)(
    "runs all four vendors until %s and then ends cleanly",
    async (signal) => {
      const running = await simulate(["--json"], /^\{/);
      const told = JSON.parse(running.lines.join("")) as Told;
      expect(await callEach(told)).toEqual([200, 200, 200, 200]);
      expect(told.people).toBe(2000);
      expect(await running.end(signal)).toBe(0);
      await expect(fetch(told.mailchimp.endpoint)).rejects.toThrow();
    },
  );

  it("prints nothing but variables and comments, so that a shell can take all of it", async () => {
    const running = await simulate(["--people", "20", "--faults", "down"], /Ctrl-C/);
    for (const line of running.lines) expect(line).toMatch(/^(?:#|export [A-Z_]+=[\w:/.-]+$)/);
    const names = running.lines.flatMap((line) => /^export (\w+)=/.exec(line)?.[1] ?? []);
    expect(names).toEqual(
      expect.arrayContaining([
        "CUSTOMER_IO_SITE_ID",
        "CUSTOMER_IO_API_KEY",
        "CUSTOMER_IO_APP_API_KEY",
        "MAILCHIMP_API_KEY",
        "KLAVIYO_API_KEY",
        "ITERABLE_API_KEY",
      ]),
    );
    expect(running.lines.find((line) => line.startsWith("# Troubles"))).toContain("Klaviyo");
    const [file] = running.lines.flatMap((line) => /^# csv as a file: (\S+)/.exec(line)?.[1] ?? []);
    expect(existsSync(file!)).toBe(true);
    await rm(dirname(file!), { recursive: true });
    expect(await running.end("SIGINT")).toBe(0);
  });

  it("gives the vendors that know it the trouble that was asked for", async () => {
    const running = await simulate(["--faults", "down", "--json"], /^\{/);
    expect(await callEach(JSON.parse(running.lines.join("")) as Told)).toEqual([200, 200, 503, 200]);
    expect(await running.end("SIGINT")).toBe(0);
  });

  it("refuses a trouble that nobody knows, and names those that there are", async () => {
    const refused = await sendgate(["simulate", "--faults", "plague"]);
    expect(refused.code).toBe(2);
    expect(refused.out).toBe("");
    expect(refused.err).toContain("plague");
    for (const name of ["rough", "busy", "challenge", "track-down", "empty-403"])
      expect(refused.err).toContain(name);
  });
});
