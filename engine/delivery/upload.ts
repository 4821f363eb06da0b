import type { UploadReport } from "../../contract/delivery.ts";
import { Failure, failed, locked } from "../../contract/failure.ts";
import type { CustomerIoClient } from "../../customerio/client.ts";
import type { Progress } from "../activity/activity.ts";
import { gateState } from "../gate/gate.ts";
import { requirePlan } from "../plan/plan.ts";
import type { Project } from "../project/project.ts";
import { boundWorkspace } from "./bound-workspace.ts";
import { countDeliveries, Deliveries, firstFailures, type Operation, type Phase } from "./delivery-state.ts";
import { type Packed, packOperations } from "./pack-operations.ts";
import { saveUploadReport } from "./reports.ts";
import { suppressionListOf } from "./suppression-list-of.ts";

/** ESP list writes that are under way together; at 10 calls a second that is 3 seconds of work. */
const listWritesAtATime = 30;
/** Planned operations that are read at a time. */
const pieceSize = 5_000;
const mostFailures = 100;

export interface UploadOptions {
  /** Counts what would be sent and writes nothing. */
  dryRun?: boolean | undefined;
}

/**
 * Writes the plan's suppressions to Customer.io; what was delivered before with the same content is not sent again.
 *
 * ESP list entries go first: each blocks its address whoever holds it and makes no profile. Identifies, which can
 * make profiles, follow when every list entry stands. Before each batch its operations are on record as
 * intended, afterwards with their outcome: whatever is cut short in between is sent again, which is safe, since
 * every write only ever suppresses and says the same when repeated.
 * @throws Failure where there is no current plan, the keys lead to another workspace, or trouble outlasts the retries
 */
export async function uploadSuppressions(
  project: Project,
  client: CustomerIoClient,
  options: UploadOptions,
  progress: Progress,
): Promise<UploadReport> {
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
  return upload(project, client, "profiles", options, progress);
}

/** @throws Failure `locked` with the first blockers unless the gate is open at this moment */
export async function requireOpenGate(project: Project, consequence: string): Promise<void> {
  const gate = await gateState(project);
  if (gate.open) return;
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
  progress.start(phase === "profiles" ? "Uploading profiles" : "Uploading suppressions", open, "writes");
  await project.journal.append("upload_started", {
    what: phase,
    plan: plan.hash,
    workspace: workspace.id,
    operations: before.operations,
    open,
  });
  try {
    await run.sendLists();
    await run.sendIdentifies();
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

class Run {
  readonly #project: Project;
  readonly #client: CustomerIoClient;
  readonly #deliveries: Deliveries;
  readonly #phase: Phase;
  readonly #progress: Progress;
  #done = 0;

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

  async sendLists(): Promise<void> {
    for await (const piece of this.#deliveries.open("lists", pieceSize)) {
      for (let first = 0; first < piece.length; first += listWritesAtATime) {
        await this.#progress.report(this.#done, "Writing to the ESP suppression lists");
        await this.#sendTogether(piece.slice(first, first + listWritesAtATime));
      }
    }
  }

  async #sendTogether(operations: readonly Operation[]): Promise<void> {
    await this.#intend(operations);
    const answers = await Promise.allSettled(
      operations.map(({ mechanism, email }) =>
        this.#client.addSuppression(suppressionListOf[mechanism]!, email!),
      ),
    );
    const outcomes = answers.map((answer) => (answer.status === "fulfilled" ? answer.value : null));
    await this.#settle(operations, outcomes);
    const trouble = answers.find((answer) => answer.status === "rejected");
    if (trouble) throw trouble.reason;
  }

  /** One batch after the other, so that two operations on one person are never under way together. */
  async sendIdentifies(): Promise<void> {
    type Identify = Operation & { item: string };
    const pieces = this.#deliveries.open("profiles", pieceSize) as AsyncIterable<Identify[]>;
    for await (const packed of packOperations(pieces) as AsyncIterable<Packed<Identify>>) {
      await this.#progress.report(this.#done, "Writing people");
      if (packed.kind === "refused") {
        await this.#settle([packed.operation], [{ kind: "refused", reason: packed.reason }]);
        continue;
      }
      await this.#intend(packed.operations);
      await this.#settle(packed.operations, await this.#client.sendBatch(packed.items));
    }
  }

  async #intend(operations: readonly Operation[]): Promise<void> {
    await this.#deliveries.record(operations, "intent");
    await this.#journal("batch_intended", operations, {});
  }

  /** A missing outcome leaves the intent standing: nobody knows what became of it. */
  async #settle(
    operations: readonly Operation[],
    outcomes: readonly ({ kind: "accepted" } | { kind: "refused"; reason: string } | null)[],
  ): Promise<void> {
    const accepted = operations.filter((_, index) => outcomes[index]?.kind === "accepted");
    let refused = 0;
    await this.#deliveries.record(accepted, "done");
    for (const [index, operation] of operations.entries()) {
      const outcome = outcomes[index];
      if (outcome?.kind !== "refused") continue;
      await this.#deliveries.recordFailure(operation, outcome.reason);
      refused += 1;
    }
    await this.#journal("batch_settled", operations, { accepted: accepted.length, refused });
    this.#done += accepted.length + refused;
    await this.#progress.report(this.#done);
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
  return "Check that the workspace identifies people by id and email; correct the person in its source, then plan and upload again.";
}
