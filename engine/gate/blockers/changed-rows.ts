import type { Seal } from "../../../contract/certificate.ts";
import { changedOutside } from "../../certificate/changed-outside.ts";
import { changedFacts } from "../../certificate/facts.ts";
import { deliverySeals, factSeals, mergeSeals, planSeals } from "../../certificate/seals.ts";
import { unrecordedWords } from "../../certificate/unrecorded-words.ts";
import type { Project } from "../../project/project.ts";
import type { Blocker, GateMoment } from "../blocker.ts";

/**
 * Rows of the project's database that something else than Sendgate changed. What was changed while the project was closed
 * is on record since it was opened again, whatever the table. After a kill nothing is known of that time: then what the
 * exports and the operator said is held against the journal's seals; what was made of it, against those of the
 * certificate, as long as that is what stands. Work that comes after a certificate changes nothing that is sealed, or
 * makes it speak of another merge or plan.
 */
export async function changedRowBlockers(
  { store }: Project,
  { merge, plan, certificate: stored, journal: { lines, trouble } }: GateMoment,
): Promise<Blocker[]> {
  const outside = changedOutside(lines);
  const facts = await factSeals(store);
  // A journal that is not whole explains nothing: `journalBlockers` tells of it.
  const changed =
    trouble === null ? [...changedFacts(lines, facts), ...(await unrecordedWords(lines, store))] : [];
  const blockers = changed.map((what) => changedRows(what, startAgain));
  if (outside !== null) return [changedTables(outside), ...blockers];
  if (!stored || "trouble" in stored) return blockers;
  const { seals, workspace: proven, mergeHash, planHash } = stored.certificate;
  if (differing(seals, facts, "version").length > 0) return blockers;

  const compare = async (now: Promise<Seal[]>, what: string, nextStep: string) => {
    const changed = differing(seals, await now);
    if (changed.length > 0)
      blockers.push(changedRows(`${what} (${changed.join(", ")}) was changed`, nextStep));
  };
  if (merge?.hash === mergeHash) {
    await compare(mergeSeals(store), "The merge's result", "Merge again: that makes the same result anew.");
  }
  if (plan?.hash === planHash) {
    await compare(planSeals(store), "The plan", "Plan again: that makes the same plan anew.");
    await compare(
      deliverySeals(store, proven.id),
      "The record of what was uploaded",
      "Upload the suppressions again, then read back.",
    );
  }
  return blockers;
}

const startAgain =
  "Take the project's whole folder back from a backup, or start a new project and import the exports again.";

function changedTables({ tables, noticedAt }: { tables: string[]; noticedAt: string }): Blocker {
  return {
    code: "ROWS_CHANGED",
    message: `While the project was closed, something else than Sendgate changed rows of its database: ${tables.join(", ")} (noticed ${noticedAt}).`,
    nextStep: startAgain,
  };
}

function changedRows(what: string, nextStep: string): Blocker {
  return {
    code: "ROWS_CHANGED",
    message: `${what} in the project's database, and not by Sendgate.`,
    nextStep,
  };
}

/** Names of the seals of `now` that are other than they were; an earlier Sendgate may have sealed less. */
function differing(sealed: readonly Seal[], now: readonly Seal[], only?: string): string[] {
  const was = new Map(sealed.map((seal) => [seal.of, seal]));
  return now
    .filter(({ of }) => only === undefined || of === only)
    .filter(({ of, rows, digest }) => {
      const seal = was.get(of);
      return seal !== undefined && (seal.rows !== rows || seal.digest !== digest);
    })
    .map(({ of }) => of);
}
