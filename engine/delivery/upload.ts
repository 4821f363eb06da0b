import type { Gate, UploadReport } from "../../contract/delivery.ts";
import { Failure, failed, locked } from "../../contract/failure.ts";
import type { CustomerIoClient, SuppressionList, WriteOutcome } from "../../customerio/client.ts";
import type { Progress } from "../activity/activity.ts";
import { lookUpBeforeWriting } from "../destination/look-up.ts";
import { gateState } from "../gate/gate.ts";
import { requirePlan } from "../plan/plan.ts";
import type { Project } from "../project/project.ts";
import { rememberListings } from "../undo/listings.ts";
import { boundWorkspace } from "./bound-workspace.ts";
import { countDeliveries, Deliveries, firstFailures, type Operation, type Phase } from "./delivery-state.ts";
import { type Packed, packOperations } from "./pack-operations.ts";
import { PersonsInFlight } from "./persons-in-flight.ts";
import { saveUploadReport } from "./reports.ts";
import { severalAtOnce } from "./several-at-once.ts";
import { suppressionListOf } from "./suppression-list-of.ts";

/** What goes on record together as intended, and after it was sent together with its outcome. */
const listWritesInGroup = 30;
const batchesInGroup = 4;
/** While one group is under way the next one is made ready. */
const groupsAtOnce = 2;
/** Planned operations that are read at a time. */
const pieceSize = 4_000;
const mostFailures = 100;

export interface UploadOptions {
  /** Counts what would be sent and writes nothing. */
  dryRun?: boolean | undefined;
}

/**
 * Writes the plan's suppressions to Customer.io; what was delivered before with the same content is not sent again.
 *
 * ESP list entries go first: each blocks its address whoever holds it and makes no profile. Identifies, which can
 * make profiles, follow when every list entry stands. Operations are on record as intended before they are sent, a
 * group at a time, and afterwards with their outcome: whatever is cut short in between is sent again, which is safe,
 * since every write only ever suppresses and says the same when repeated.
 * Planned ids and addresses that were not looked up in the workspace lately are looked up first: nothing that is written
 * merges people or changes their identifiers unless the operator decided so.
 * @throws Failure where there is no current plan, the keys lead to another workspace, or trouble outlasts the retries
 */
export async function uploadSuppressions(
  project: Project,
  client: CustomerIoClient,
  options: UploadOptions,
  progress: Progress,
): Promise<UploadReport> {
  if (!options.dryRun) await lookUpBeforeWriting(project, client, progress);
  return upload(project, client, "suppressions", options, progress);
}

/**
 * Writes the plan's profiles to Customer.io, like `uploadSuppressions`.
 * @throws Failure `locked` unless the gate is open at this moment, dry run or not
 */
export async function uploadProfiles(
  project: Project,
  client: CustomerIoClient,
  options: UploadOptions,
  progress: Progress,
): Promise<UploadReport> {
  await requireOpenGate(project, "Profiles are not uploaded");
  const changed = !options.dryRun && (await lookUpBeforeWriting(project, client, progress));
  if (changed) await requireOpenGate(project, "Profiles are not uploaded");
  return upload(project, client, "profiles", options, progress);
}

/** @throws Failure `locked` with the first blockers unless the gate is open at this moment */
export async function requireOpenGate(project: Project, consequence: string): Promise<Gate> {
  const gate = await gateState(project);
  if (gate.open) return gate;
  const shown = gate.blockers.slice(0, 3);
  const more = gate.blockers.length - shown.length;
  throw locked(
    "GATE_LOCKED",
    `${consequence}: the gate is locked. ${shown.map(({ message }) => message).join(" ")}${more > 0 ? ` (And ${more} more.)` : ""}`,
    shown[0]!.nextStep,
  );
}

async function upload(
  project: Project,
  client: CustomerIoClient,
  phase: Phase,
  { dryRun = false }: UploadOptions,
  progress: Progress,
): Promise<UploadReport> {
  const startedAt = performance.now();
  const plan = await requirePlan(project);
  const workspace = await boundWorkspace(project, client);
  const report = async (): Promise<UploadReport> => {
    const { operations, delivered, failed } = await countDeliveries(project.store, workspace.id, phase);
    const failures = await firstFailures(project.store, workspace.id, phase, mostFailures);
    return {
      what: phase,
      dryRun,
      planHash: plan.hash,
      operations,
      delivered,
      failed,
      failures: failures.map((failure) => ({ ...failure, nextStep: nextStepFor(failure.mechanism) })),
      seconds: (performance.now() - startedAt) / 1000,
    };
  };
  if (dryRun) return report();

  const deliveries = await Deliveries.layOut(project.store, workspace.id, phase);
  const before = await countDeliveries(project.store, workspace.id, phase);
  const run = new Run(project, client, deliveries, phase, progress);
  const open = before.operations - before.delivered;
  await project.journal.append("upload_started", {
    what: phase,
    plan: plan.hash,
    workspace: workspace.id,
    operations: before.operations,
    open,
  });
  try {
    if (before.openLists > 0) await rememberListings(project.store, client, workspace.id, progress);
    await run.sendLists(before.openLists);
    await run.sendIdentifies(open - before.openLists);
  } catch (error) {
    const trouble = asFailure(error, progress);
    await endRun("stopped", trouble.code);
    throw trouble;
  }
  return endRun("completed", null);

  async function endRun(how: string, code: string | null): Promise<UploadReport> {
    const result = await report();
    await saveUploadReport(project, workspace, result);
    const { delivered, failed } = result;
    await project.journal.append("upload_ended", {
      what: phase,
      plan: plan.hash,
      how,
      code,
      delivered,
      failed,
    });
    return result;
  }
}

type Outcome = WriteOutcome | null;
type Identify = Operation & { item: string };

class Run {
  readonly #project: Project;
  readonly #client: CustomerIoClient;
  readonly #deliveries: Deliveries;
  readonly #phase: Phase;
  readonly #progress: Progress;
  readonly #persons = new PersonsInFlight();
  #done = 0;
  #stopped = false;

  constructor(
    project: Project,
    client: CustomerIoClient,
    deliveries: Deliveries,
    phase: Phase,
    progress: Progress,
  ) {
    this.#project = project;
    this.#client = client;
    this.#deliveries = deliveries;
    this.#phase = phase;
    this.#progress = progress;
  }

  /** One list after the other: whoever complained is safe before anybody whose mail bounced is written. */
  async sendLists(open: number): Promise<void> {
    if (open === 0) return;
    this.#begin("Writing to the ESP suppression lists", open, "addresses");
    for (const [mechanism, list] of Object.entries(suppressionListOf)) await this.#sendList(mechanism, list);
  }

  /** The next group is on record as intended while one is under way, so that the App API's limit is never waited for in vain. */
  async #sendList(mechanism: string, list: SuppressionList): Promise<void> {
    await severalAtOnce(this.#listGroups(mechanism), groupsAtOnce, async (group) => {
      await this.#intend(group);
      await this.#sendAll(
        group.map((operation) => ({
          operations: [operation],
          send: async () => [await this.#client.addSuppression(list, operation.email!)],
        })),
      );
    });
  }

  async sendIdentifies(open: number): Promise<void> {
    if (open === 0) return;
    this.#begin("Writing people", open, "people");
    await severalAtOnce(this.#identifyGroups(), groupsAtOnce, async (group) => {
      const [refused, batches] = [group.filter(isRefused), group.filter(isBatch)];
      await this.#settle(
        refused.map(({ operation }) => operation),
        refused.map(({ reason }) => ({ kind: "refused", reason })),
      );
      await this.#intend(batches.flatMap(({ operations }) => operations));
      await this.#sendAll(
        batches.map(({ operations, items, persons }) => ({
          operations,
          send: () => this.#persons.run(persons, () => this.#client.sendBatch(items)),
        })),
      );
    });
  }

  #begin(step: string, open: number, unit: string): void {
    this.#done = 0;
    this.#progress.start(step, open, unit);
  }

  async *#listGroups(mechanism: string): AsyncGenerator<Operation[]> {
    for await (const piece of this.#deliveries.open(mechanism, pieceSize)) {
      for (let first = 0; first < piece.length; first += listWritesInGroup) {
        await this.#progress.report(this.#done);
        yield piece.slice(first, first + listWritesInGroup);
      }
    }
  }

  async *#identifyGroups(): AsyncGenerator<Packed<Identify>[]> {
    const pieces = this.#deliveries.open("identifies", pieceSize) as AsyncIterable<Identify[]>;
    let group: Packed<Identify>[] = [];
    for await (const packed of packOperations(pieces)) {
      group.push(packed);
      if (group.length < batchesInGroup) continue;
      await this.#progress.report(this.#done);
      yield group;
      group = [];
    }
    if (group.length > 0) yield group;
  }

  /** Sends what is on record as intended, all of it at once as far as the client's pace allows, and records what came of it. */
  async #sendAll(writes: readonly { operations: readonly Operation[]; send: () => Promise<Outcome[]> }[]) {
    let trouble: { error: unknown } | null = null;
    const outcomes = await Promise.all(
      writes.map(async ({ operations, send }): Promise<Outcome[]> => {
        const unknown = operations.map(() => null);
        if (this.#stopped) return unknown;
        try {
          const answers = await send();
          this.#done += operations.length;
          return answers;
        } catch (error) {
          this.#stopped = true;
          trouble ??= { error };
          return unknown;
        }
      }),
    );
    await this.#settle(
      writes.flatMap(({ operations }) => operations),
      outcomes.flat(),
    );
    if (trouble) throw (trouble as { error: unknown }).error;
    await this.#progress.report(this.#done);
  }

  async #intend(operations: readonly Operation[]): Promise<void> {
    if (operations.length === 0) return;
    await this.#deliveries.record(operations, "intent");
    await this.#journal("batch_intended", operations, {});
  }

  /** A missing outcome leaves the intent standing: nobody knows what became of it. */
  async #settle(operations: readonly Operation[], outcomes: readonly Outcome[]): Promise<void> {
    if (operations.length === 0) return;
    const accepted = operations.filter((_, index) => outcomes[index]?.kind === "accepted");
    const refused = operations.flatMap((operation, index) => {
      const outcome = outcomes[index];
      return outcome?.kind === "refused" ? [{ operation, reason: outcome.reason }] : [];
    });
    await this.#deliveries.record(accepted, "done");
    await this.#deliveries.recordFailures(refused);
    await this.#journal("batch_settled", operations, { accepted: accepted.length, refused: refused.length });
  }

  async #journal(
    event: string,
    operations: readonly Operation[],
    counts: Record<string, number>,
  ): Promise<void> {
    await this.#project.journal.append(event, {
      what: this.#phase,
      first: operations[0]!.operation_id,
      last: operations.at(-1)!.operation_id,
      count: operations.length,
      ...counts,
    });
  }
}

function isRefused<T>(packed: Packed<T>): packed is Extract<Packed<T>, { kind: "refused" }> {
  return packed.kind === "refused";
}

function isBatch<T>(packed: Packed<T>): packed is Extract<Packed<T>, { kind: "batch" }> {
  return packed.kind === "batch";
}

/** Whatever an aborted request was rejected with, the operator's cancelling is what happened. */
function asFailure(error: unknown, progress: Progress): Failure {
  if (error instanceof Failure) return error;
  if (progress.signal.aborted) {
    return failed(
      "CANCELLED",
      "Cancelled.",
      "Start it again when you like; what was written stays written.",
      error,
    );
  }
  return failed(
    "UPLOAD_STOPPED",
    `The upload stopped: ${error instanceof Error ? error.message.split("\n")[0] : "unknown trouble"}.`,
    "Upload again: it goes on where it stopped.",
    error,
  );
}

function nextStepFor(mechanism: string): string {
  if (mechanism.startsWith("esp_")) {
    return "Correct the address in its source and import it again, or put it on the list by hand in Customer.io and read back.";
  }
  if (mechanism === "profile")
    return "Correct the person in its source and import it again, then plan and upload.";
  if (mechanism === "unsubscribe_address")
    return "Where the workspace does not identify people by email, plan with the ESP list for addresses without a person (`sendgate plan --lead-suppression esp`); else correct the address in its source, plan and upload again.";
  return "Check that the workspace identifies people by id; correct the person in its source, then plan and upload again.";
}
