import { existsSync, readFileSync } from "node:fs";
import { Ajv } from "ajv";
import addFormats from "ajv-formats";
import { afterAll, describe, expect, test } from "vitest";
import { globalSuppressionListId } from "../../simulators/iterable/schema.ts";
import {
  type IterableSimulatorOptions,
  type LoggedRequest,
  startIterableSimulator,
} from "../../simulators/iterable/simulator.ts";
import { Landing, pull } from "../importers/landing.ts";
import { connect, fast } from "./pull.ts";

interface Parameter {
  name: string;
  in: "query" | "path" | "body";
  required?: boolean;
  type?: string;
  enum?: unknown[];
  schema?: object;
}
interface Operation {
  parameters: Parameter[];
  responses: Record<string, { schema?: { $ref?: string; type?: string } }>;
}
interface Specification {
  paths: Record<string, Record<string, Operation>>;
  definitions: Record<string, { properties: Record<string, unknown> }>;
}

/** Iterable's own description of its API, which is no part of this repository. */
const place = new URL("../../../shared/reference/specs/iterable/api-docs.json", import.meta.url);

describe("against Iterable's own specification", () => {
  if (!existsSync(place)) {
    test("specifications not found", () => {
      console.warn(
        "\n*** Iterable's specifications not found: contract checks did NOT run. ***\n" +
          "Put api-docs.json of the repository Iterable/api-client into ../shared/reference/specs/iterable.\n",
      );
    });
    return;
  }
  const specification = withExceptions(JSON.parse(readFileSync(place, "utf8")) as Specification);
  const ajv = addFormats.default(new Ajv({ strict: false, allErrors: true }));
  ajv.addSchema({ $id: "iterable", definitions: specification.definitions });
  const checked = new Set<string>();

  const valid = (schema: object, value: unknown): string => {
    const absolute = JSON.parse(
      JSON.stringify(schema).replaceAll('"#/definitions/', '"iterable#/definitions/'),
    ) as object;
    return ajv.validate(absolute, value) ? "" : ajv.errorsText();
  };

  function faults({ method, path, query, body, status, answer }: LoggedRequest): string[] {
    const template = Object.keys(specification.paths)
      .filter((known) => new RegExp(`^${known.replace(/\{\w+\}/g, "[^/]+")}$`).test(path))
      .sort((one, other) => one.split("{").length - other.split("{").length)[0];
    const operation = template && specification.paths[template]?.[method.toLowerCase()];
    if (!operation) return [`${method} ${path} is not in the specification`];
    checked.add(`${method} ${template}`);
    const where = `${method} ${template}`;
    const sent = new URLSearchParams(query);
    const known = operation.parameters.filter((parameter) => parameter.in === "query");
    const found = [
      ...[...sent.keys()].flatMap((name) =>
        known.some((parameter) => parameter.name === name) ? [] : `${where}: unknown parameter ${name}`,
      ),
      ...known.flatMap(({ name, required, type, enum: allowed }) => {
        const value = sent.get(name);
        if (value === null) return required ? `${where}: ${name} is missing` : [];
        if (allowed && !allowed.includes(value)) return `${where}: ${name} is ${value}`;
        return type === "integer" && !/^-?\d+$/.test(value) ? `${where}: ${name} is no integer` : [];
      }),
      ...operation.parameters.flatMap(({ in: part, schema }) =>
        part === "body" && schema ? valid(schema, JSON.parse(body)) || [] : [],
      ),
    ];
    const schema =
      status < 300 ? operation.responses["200"]?.schema : { $ref: "#/definitions/IterableApiResponse" };
    // Text is not described further.
    if (schema && schema.type !== "string" && status > 0 && answer !== undefined) {
      const problem = valid(schema, answer);
      if (problem) found.push(`${where} (${status}): ${problem}`);
    }
    return found;
  }

  const options: IterableSimulatorOptions = { minuteMs: fast.minuteMs, rowsPerFile: 20, filesPerPage: 2 };
  test.each<[string, IterableSimulatorOptions]>([
    ["an email-based project", { mode: "email", lowerCaseStates: false }],
    ["a userID-based project", { mode: "userID", nested: true, lowerCaseStates: false }],
    ["a hybrid project", { mode: "hybrid", lowerCaseStates: false, unknownUserId: "server_error" }],
  ])("every request to %s and every answer of it are as described", async (_, settings) => {
    const simulator = await startIterableSimulator({ ...options, ...settings });
    try {
      const source = connect(simulator, { userIdField: "crm Number" });
      await source.probe();
      await source.userIdCandidates();
      simulator.project.suppress(globalSuppressionListId, {
        email: "a+b@placeholder.email",
        userId: "n@body",
      });
      const { plan } = await pull(source, new Landing());
      const [first] = simulator.project.users;
      simulator.events.unsubscribe((first!.email ?? first!.userId)!);
      await pull(source, new Landing(), plan.mark);
      await expect(connect(simulator, { key: "wrong" }).probe()).rejects.toThrow();
      expect(simulator.requests().flatMap(faults)).toEqual([]);
    } finally {
      await simulator.close();
    }
  });

  afterAll(() => {
    expect([...checked].sort()).toEqual([
      "GET /api/channels",
      "GET /api/export/data.json",
      "GET /api/export/jobs",
      "GET /api/export/{jobId}/files",
      "GET /api/lists",
      "GET /api/lists/getUsers",
      "GET /api/messageTypes",
      "GET /api/users/byUserId",
      "GET /api/users/forgotten",
      "GET /api/users/forgottenUserIds",
      "GET /api/users/getByEmail",
      "GET /api/users/getFields",
      "POST /api/export/start",
    ]);
  });
});

/** Where reality differs from the specification (reference/iterable.md §2, §4, §7). */
function withExceptions(specification: Specification): Specification {
  const property = (definition: string, name: string, schema: unknown) => {
    specification.definitions[definition]!.properties[name] = schema;
  };
  // Times in milliseconds, which the specification calls 32-bit integers and which are larger.
  property("ListDetails", "createdAt", { type: "integer" });
  property("MessageTypeDetails", "createdAt", { type: "integer" });
  property("MessageTypeDetails", "updatedAt", { type: "integer" });
  // Described as an object with `final`; its own example, and Iterable's client, have a word.
  property("JobModel", "jobState", { type: "string" });
  // An open set: dotted codes are met as well.
  property("IterableApiResponse", "code", { type: "string" });
  // Null where there is nothing to add.
  property("IterableApiResponse", "params", { type: ["object", "null"] });
  return specification;
}
