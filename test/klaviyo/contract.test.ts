import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import Ajv from "ajv";
import formats from "ajv-formats";
import { afterAll, describe, expect, test } from "vitest";
import type { SimulatorRequest, SimulatorResponse } from "../../simulators/klaviyo/http.ts";
import { startKlaviyoSimulator } from "../../simulators/klaviyo/simulator.ts";
import { Landing, pull } from "../importers/landing.ts";
import { connect, fastTiers } from "./pull.ts";

const folder = fileURLToPath(new URL("../../../shared/reference/specs/klaviyo/", import.meta.url));
const files = ["profiles", "lists", "accounts"].map((name) => `${folder}stable-2026-07-15.${name}.json`);
const present = files.every((file) => existsSync(file));

interface Parameter {
  name: string;
  in: "query" | "header" | "path";
  required?: boolean;
  schema: { type: string; items?: object; default?: string };
}
interface Operation {
  parameters: Parameter[];
  responses: Record<string, { $ref?: string; content?: Record<string, { schema: object }> }>;
  "x-klaviyo-filters"?: Record<string, { operators: { list?: string[]; single?: string[] } }>;
}
interface Specification {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Record<string, unknown>> };
}

/**
 * Where the reference shows that Klaviyo's answers differ from its specification.
 * - `links.next` and `links.prev` are null where there is no such page (reference/klaviyo.md §2, response).
 */
function asInReality(specification: Specification): void {
  const links = specification.components.schemas.CollectionLinks as {
    properties: Record<string, { nullable?: boolean }>;
  };
  links.properties.next!.nullable = true;
  links.properties.prev!.nullable = true;
}

/** OpenAPI 3.0 says `nullable` where JSON Schema has another type; beside a `$ref` it would be overlooked. */
function jsonSchema(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(jsonSchema);
  if (typeof node !== "object" || node === null) return node;
  const { nullable, example: _example, ...rest } = node as Record<string, unknown>;
  const schema = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, jsonSchema(value)]));
  return nullable === true ? { anyOf: [schema, { type: "null" }] } : schema;
}

class Contract {
  readonly #operations = new Map<string, Operation>();
  readonly #ajv = new Ajv({ strict: false, allErrors: true });

  constructor() {
    formats.default(this.#ajv);
    for (const file of files) {
      const specification = JSON.parse(readFileSync(file, "utf8")) as Specification;
      asInReality(specification);
      for (const [path, methods] of Object.entries(specification.paths)) {
        if (!methods.get) continue;
        this.#operations.set(path, methods.get);
        const schema = methods.get.responses["200"]?.content?.["application/vnd.api+json"]?.schema;
        if (!schema) continue;
        const { components } = jsonSchema(specification) as Specification;
        this.#ajv.addSchema({ $id: path, ...(jsonSchema(schema) as object), components });
      }
      if (!this.#ajv.getSchema("error")) {
        const { components } = jsonSchema(specification) as { components: { responses: Specification } };
        const { content } = (
          components.responses as unknown as Record<string, Operation["responses"][string]>
        ).ClientError!;
        const { schema } = content!["application/vnd.api+json"] ?? content!["application/json"]!;
        this.#ajv.addSchema({ $id: "error", ...schema, components });
      }
    }
  }

  /** What is wrong with a request; empty where nothing is. */
  request({ method, path, query, headers }: SimulatorRequest): string[] {
    const operation = this.#operations.get(path);
    if (method !== "GET" || !operation) return [`${method} ${path} is not in the specification`];
    const wrong: string[] = [];
    for (const [name, value] of query) {
      const parameter = operation.parameters.find((one) => one.in === "query" && one.name === name);
      if (!parameter) wrong.push(`${path}: unknown parameter ${name}`);
      else if (
        !this.#ajv.validate(jsonSchema(parameter.schema) as object, typed(value, parameter.schema.type))
      ) {
        wrong.push(`${path}: ${name}=${value}: ${this.#ajv.errorsText()}`);
      }
    }
    for (const [, operator, field] of (query.get("filter") ?? "").matchAll(/([a-z-]+)\(([\w.]+),/g)) {
      const operators = operation["x-klaviyo-filters"]?.[field!]?.operators;
      if (![...(operators?.single ?? []), ...(operators?.list ?? [])].includes(operator!)) {
        wrong.push(`${path}: filter ${operator}(${field})`);
      }
    }
    const revision = operation.parameters.find(({ name }) => name === "revision")?.schema.default;
    if (headers.revision !== revision) wrong.push(`${path}: revision ${headers.revision}`);
    if (!/^Klaviyo-API-Key pk_/.test(headers.authorization ?? "")) wrong.push(`${path}: authorization`);
    if (headers.accept !== "application/vnd.api+json") wrong.push(`${path}: accept ${headers.accept}`);
    return wrong;
  }

  /** What is wrong with an answer; empty where nothing is. */
  answer({ path }: SimulatorRequest, { status, body }: SimulatorResponse): string[] {
    const validate = this.#ajv.getSchema(status === 200 ? path : "error")!;
    // As it arrives: what JSON leaves out is not there.
    if (validate(JSON.parse(JSON.stringify(body)))) return [];
    // A wrong value that may also be null is told several times; the innermost says what is wrong with it.
    const told = (validate.errors ?? []).filter(
      ({ keyword, message }) => keyword !== "anyOf" && message !== "must be null",
    );
    return told.map(({ instancePath, message }) => `${status} ${path}: ${instancePath} ${message}`);
  }
}

function typed(value: string, type: string): unknown {
  if (type === "array") return value.split(",");
  return type === "integer" ? Number(value) : value;
}

if (!present) {
  test("specifications not found: contract checks did NOT run", () => {
    console.warn(
      `\n*** specifications not found: contract checks did NOT run. They belong in ${folder} (shared/reference/specs). ***\n`,
    );
  });
}

describe.runIf(present)("Klaviyo's own specification", () => {
  const contract = present ? new Contract() : null;
  const seen: { request: SimulatorRequest; response: SimulatorResponse }[] = [];
  const running: { close(): Promise<void> }[] = [];
  const start = async (options: Parameters<typeof startKlaviyoSimulator>[0] = {}) => {
    const account = await startKlaviyoSimulator({
      tiers: fastTiers,
      people: 600,
      observe: (request, response) => seen.push({ request, response }),
      ...options,
    });
    running.push(account);
    return account;
  };
  afterAll(async () => {
    for (const account of running) await account.close();
  });
  const wrongRequests = () => [...new Set(seen.flatMap(({ request }) => contract!.request(request)))];
  const wrongAnswers = () => [
    ...new Set(seen.flatMap(({ request, response }) => contract!.answer(request, response))),
  ];

  test("allows every request of an export, and what the simulator answers", async () => {
    for (const userIdField of ["external_id", "properties.Plan", null]) {
      const account = await start();
      const source = connect(account, { userIdField });
      await source.probe();
      await source.userIdCandidates();
      const store = new Landing();
      const { plan } = await pull(source, store);
      const emails = account.profiles().flatMap(({ email }) => email ?? []);
      account.events.unsubscribe(emails[0]!);
      account.events.unsubscribe(emails[1]!, { suppression: true });
      account.events.complain(emails[2]!);
      account.events.unsubscribeFromList(emails[3]!, "Y6nRLr");
      await pull(source, store, plan.mark);
    }
    expect(seen.length).toBeGreaterThan(40);
    expect(wrongRequests()).toEqual([]);
    expect(wrongAnswers()).toEqual([]);
  });

  test("allows the simulator's odd people, except for words that nobody knows yet", async () => {
    seen.length = 0;
    const account = await start({ people: 0, oddities: true });
    await pull(connect(account), new Landing());
    expect(wrongAnswers()).toEqual([
      expect.stringMatching(/suppression\/0\/reason must be equal to one of the allowed values/),
    ]);
  });

  test("allows the simulator's refusals", async () => {
    seen.length = 0;
    const wrongKey = await start();
    await connect(wrongKey, { key: "pk_other" })
      .probe()
      .catch(() => {});
    await connect(await start({ scopes: [] }))
      .probe()
      .catch(() => {});
    await connect(await start({ retiredRevisions: ["2026-07-15"] }))
      .probe()
      .catch(() => {});
    const slow = await start({ tiers: { profiles: { burst: 1, steady: 1 } } });
    for (let call = 0; call < 3; call += 1) {
      await fetch(`${slow.url}/api/profiles?sort=nonsense`, {
        headers: { authorization: `Klaviyo-API-Key ${slow.key}`, revision: "2026-07-15" },
      });
    }
    await fetch(`${slow.url}/api/profiles`);
    expect(seen.map(({ response }) => response.status).sort()).toEqual([
      400, 401, 401, 403, 403, 410, 429, 429,
    ]);
    expect(wrongAnswers()).toEqual([]);
  });

  test("would notice a request or an answer that it does not know", async () => {
    await connect(await start({ people: 0 })).probe();
    const { request, response } = seen.at(-1)!;
    const query = new URLSearchParams({ "page[size]": "101", limit: "5", filter: "equals(updated,x)" });
    expect(contract!.request({ ...request, query })).toHaveLength(3);
    expect(contract!.request({ ...request, method: "POST" })).toHaveLength(1);
    expect(contract!.answer(request, { ...response, status: 200, body: { data: {} } })).not.toEqual([]);
  });
});
