import { createInterface } from "node:readline/promises";
import { Option } from "commander";
import { mustBeNamed } from "../contract/project.ts";
import type { EngineClient } from "./session.ts";

export const confirm = () =>
  new Option("--confirm <name>", "the production workspace's name, before it is written to");

/**
 * The production workspace's name as the operator gives it: with `--confirm`, or typed in a terminal. Elsewhere it stays
 * away, and the engine says what to type; it alone judges what was given.
 */
export async function confirmProduction(
  client: EngineClient,
  given: string | undefined,
): Promise<{ confirm?: string }> {
  if (given !== undefined) return { confirm: given };
  const project = await client.project.current();
  const workspace = project?.workspace;
  if (!workspace || !mustBeNamed(workspace, project.workspaces)) return {};
  const typed = await ask(
    `This writes to the production workspace. Type its name, ${workspace.name}, to go on: `,
  );
  return typed === null ? {} : { confirm: typed };
}

/** Null where nobody sits at a terminal. */
export async function ask(question: string): Promise<string | null> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return null;
  const line = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await line.question(question);
  } finally {
    line.close();
  }
}

/** Says so before production is written with a plan that was not rehearsed; it locks nothing. */
export async function warnUnrehearsed(client: EngineClient): Promise<void> {
  if ((await client.project.current())?.workspace?.role !== "production") return;
  const { warning } = await client.workspace.rehearsal();
  if (warning !== null) process.stderr.write(`Note: ${warning}\n`);
}
