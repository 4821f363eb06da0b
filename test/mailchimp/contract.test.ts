import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Ajv } from "ajv";
import addFormats from "ajv-formats";
import { afterEach, expect, test } from "vitest";
import { parse } from "yaml";
import type { LoggedRequest } from "../../simulators/mailchimp/simulator.ts";
import { createWorld } from "../../simulators/world/world.ts";
import { closeSimulators, connect, pull, simulate } from "./harness.ts";

const folder = fileURLToPath(new URL("../../../shared/reference/specs/mailchimp/", import.meta.url));

afterEach(closeSimulators);

/** The vendor's paths that we call, and the file that describes each. */
const described: [path: string, file: string][] = [
  ["/ping", "v3.0.55-pings.yml"],
  ["/lists", "v3.0.55-lists.yml"],
  ["/lists/{list_id}/merge-fields", "v3.0.55-merge.yml"],
  ["/lists/{list_id}/members", "v3.0.55-members.yml"],
  ["/lists/{list_id}/members/{subscriber_hash}", "v3.0.55-members.yml"],
  ["/lists/{list_id}/members/{subscriber_hash}/tags", "v3.0.55-members.yml"],
  ["/lists/{list_id}/abuse-reports", "v3.0.55-abuse.yml"],
  ["/reports", "v3.0.55-reports.yml"],
  ["/reports/{campaign_id}", "v3.0.55-reports.yml"],
  ["/reports/{campaign_id}/abuse-reports", "v3.0.55-abuse.yml"],
  ["/reports/{campaign_id}/unsubscribed", "v3.0.55-unsubscribed.yml"],
];

/** Where the vendor's answers differ from its specification, and ours follow the answers. */
const exceptions = {
  /** Empty dates arrive as `""`, which is no date-time (reference/mailchimp.md §3). */
  emptyDates: true,
  /** `/` stands only in the converted file, whose schemas are merged by name and not to be trusted (specs/README.md). */
  undescribedPaths: ["/"],
};

type Json = Record<string, unknown>;
interface Parameter {
  name: string;
  in: string;
  type?: string;
  enum?: string[];
  maximum?: number;
}
interface Operation {
  parameters: Parameter[];
  schema: Json;
  problem: Json;
}

function readOperation(path: string, file: string): Operation {
  const document = parse(readFileSync(folder + file, "utf8")) as {
    paths: Record<string, { parameters?: Parameter[]; get: Json }>;
  };
  const entry = document.paths[path]!;
  const get = entry.get as { parameters?: Parameter[]; responses: Record<string, { schema: Json }> };
  return {
    parameters: [...(entry.parameters ?? []), ...(get.parameters ?? [])],
    schema: strict(get.responses["200"]!.schema) as Json,
    problem: strict(get.responses.default!.schema) as Json,
  };
}

/** Beyond the letter of the specification: nothing that it does not name, so that ours invents nothing. */
function strict(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(strict);
  if (typeof schema !== "object" || schema === null) return schema;
  const copy: Json = Object.fromEntries(
    Object.entries(schema)
      .filter(([name]) => name !== "example" && !name.startsWith("x-"))
      .map(([name, value]) => [name, strict(value)]),
  );
  if (copy.type === "object" && "properties" in copy) copy.additionalProperties ??= false;
  if (copy.format === "date-time" && exceptions.emptyDates) return { anyOf: [copy, { const: "" }] };
  return copy;
}

const present = existsSync(folder);
if (!present)
  console.warn(`\nMailchimp: specifications not found at ${folder}: contract checks did NOT run.\n`);

test.skipIf(!present)("every request and every answer is as Mailchimp specifies", async () => {
  const operations = new Map(described.map(([path, file]) => [path, readOperation(path, file)]));
  const ajv = new Ajv({ strict: false, allErrors: true });
  addFormats.default(ajv);
  const validators = new Map(
    [...operations].map(([path, { schema, problem }]) => [
      path,
      { answer: ajv.compile(schema), problem: ajv.compile(problem) },
    ]),
  );
  const templates = [...operations.keys()].map((path) => ({
    path,
    form: new RegExp(`^${path.replace(/\{\w+\}/g, "[^/]+")}$`),
  }));
  const seen = new Set<string>();

  function check({ method, url, status, body }: LoggedRequest): void {
    const { pathname, searchParams } = new URL(url, "http://loopback");
    expect(method).toBe("GET");
    if (exceptions.undescribedPaths.includes(pathname)) return;
    const path = templates.find(({ form }) => form.test(pathname))?.path;
    expect(path, `${pathname} is specified`).toBeDefined();
    const { parameters } = operations.get(path!)!;
    for (const [name, value] of searchParams) {
      const parameter = parameters.find((one) => one.in === "query" && one.name === name);
      expect(parameter, `${path} takes ${name}`).toBeDefined();
      if (parameter!.type === "integer") expect(value).toMatch(/^\d+$/);
      if (parameter!.maximum !== undefined) expect(Number(value)).toBeLessThanOrEqual(parameter!.maximum);
      if (parameter!.enum) expect(parameter!.enum).toContain(value);
      if (/_changed$|_since$/.test(name)) expect(value).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$/);
    }
    const { answer, problem } = validators.get(path!)!;
    const validate = status === 200 ? answer : problem;
    validate(JSON.parse(body));
    expect({ path, errors: validate.errors ?? [] }).toEqual({ path, errors: [] });
    seen.add(`${status} ${path}`);
  }

  const simulator = await simulate({ world: createWorld({ people: 500, seed: 6 }), recordBodies: true });
  const { account } = simulator;
  const [audience] = account.audiences;
  const someone = "tagged@example.com";
  account.addPerson({ email: someone, tags: Array.from({ length: 60 }, (_, n) => `Tag ${n}`) });
  await connect(simulator).probe();
  await connect(simulator).userIdCandidates();
  const first = await pull(connect(simulator));
  account.complain(someone);
  await pull(connect(simulator), first.plan.mark);
  const other = account.addAudience("b000000001", "Gone soon");
  account.addPerson({ email: someone, audience: other.id });
  account.complain(someone, { audience: other.id });
  account.deleteAudience(other.id);
  await pull(connect(simulator));
  for (const request of simulator.requests()) check(request);
  expect(seen).toContain("200 /reports/{campaign_id}/unsubscribed");
  expect(seen).toContain("200 /reports/{campaign_id}/abuse-reports");

  // What only the simulator's other users ask for.
  const authorization = `Basic ${Buffer.from(`any:${simulator.key}`).toString("base64")}`;
  const before = simulator.requestCount();
  const member = `/lists/${audience!.id}/members/${encodeURIComponent(someone)}`;
  const campaign = `/reports/${account.campaigns[0]!.id}`;
  const paths = [member, `${member}/tags?count=100`, campaign, `${member}x`, "/lists?count=5000"];
  for (const path of paths) await fetch(`${simulator.url}/3.0${path}`, { headers: { authorization } });
  for (const request of simulator.requests().slice(before)) {
    if (!request.url.includes("5000")) check(request);
  }
  expect(seen).toContain("404 /lists/{list_id}/members/{subscriber_hash}");
});
