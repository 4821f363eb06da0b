import * as z from "zod";
import { ProofSchema } from "../../contract/certificate.ts";
import { VerifyReportSchema } from "../../contract/delivery.ts";
import type { Project } from "../project/project.ts";

const VerificationSchema = z.object({
  report: VerifyReportSchema,
  mergeHash: z.string(),
  workspaceId: z.number(),
  /** Microseconds since 1970-01-01T00:00:00Z at which the reading began: nothing that came later is proven. */
  readAt: z.number(),
  proof: ProofSchema,
  /** The certificate as it would stand in its file; null where the reading back proves nothing. */
  certificate: z.string().nullable(),
});

/** The last complete reading back of one workspace, with what it speaks of. */
export type Verification = z.infer<typeof VerificationSchema>;

/** Undefined before the first reading back, and where what is stored is none: it was edited, or is of an earlier version. */
export async function storedVerification(
  { store }: Pick<Project, "store">,
  workspaceId: number,
): Promise<Verification | undefined> {
  return VerificationSchema.safeParse(await store.setting(settingOf(workspaceId))).data;
}

export async function saveVerification({ store }: Project, verification: Verification): Promise<void> {
  await store.changeSetting(settingOf(verification.workspaceId), verification);
}

/** What proved that suppressed people are safe turned out to be wrong: the gate locks until they are read back again. */
export async function forgetVerification({ store, journal }: Project, workspaceId: number): Promise<void> {
  await journal.append("proof_void", { workspace: workspaceId });
  await store.run("DELETE FROM setting WHERE name = $name", { name: settingOf(workspaceId) });
}

function settingOf(workspaceId: number): string {
  return `verification:${workspaceId}`;
}
