import * as z from "zod";
import { sourceNames } from "./source.ts";

export const SourceNameSchema = z.enum(sourceNames);

/** The two Customer.io workspaces of a project. They never share keys (invariant 10). */
export const WorkspaceRoleSchema = z.enum(["staging", "production"]);
export type WorkspaceRole = z.infer<typeof WorkspaceRoleSchema>;

export const WorkspaceSchema = z.object({
  role: WorkspaceRoleSchema,
  /** Customer.io's `environment_id`. */
  id: z.number().int(),
  name: z.string(),
  region: z.enum(["us", "eu"]),
  /** Set when the workspace is a simulator on loopback, e.g. `http://127.0.0.1:4010`. */
  endpoint: z.string().nullable(),
  connectedAt: z.string(),
});
export type Workspace = z.infer<typeof WorkspaceSchema>;

/**
 * Whether a write to the workspace has to name it: Customer.io's own production workspace always, a simulated one where
 * staging stands beside it, so that a rehearsal asks what the real thing asks.
 */
export function mustBeNamed({ role, endpoint }: Workspace, connected: readonly Workspace[]): boolean {
  return role === "production" && (endpoint === null || connected.length > 1);
}

export const ProjectSchema = z.object({
  folder: z.string(),
  name: z.string(),
  sourcePriority: z.array(SourceNameSchema).length(sourceNames.length),
  /** A practice migration: its workspace is a simulator and its people are invented. */
  practice: z.boolean(),
  createdAt: z.string(),
  /** The one that every call works on, until another one is chosen. */
  workspace: WorkspaceSchema.nullable(),
  /** All that are connected: at most one for each role. */
  workspaces: z.array(WorkspaceSchema),
});
export type Project = z.infer<typeof ProjectSchema>;
