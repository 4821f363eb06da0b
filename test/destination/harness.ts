import type { CustomerIoClient } from "../../customerio/client.ts";
import { queryDestinationConflicts } from "../../engine/destination/conflicts.ts";
import { decideDestination } from "../../engine/destination/decide.ts";
import { lookUpDestination } from "../../engine/destination/look-up.ts";
import { destinationState } from "../../engine/destination/state.ts";
import { currentPlan } from "../../engine/plan/plan.ts";
import type { CustomerIoSimulatorOptions } from "../../simulators/customerio/simulator.ts";
import { quietProgress, type Said, TestMigration } from "../delivery/test-migration.ts";

/** A migration into a workspace in which somebody is already. */
export class OccupiedWorkspace {
  readonly migration: TestMigration;

  private constructor(migration: TestMigration) {
    this.migration = migration;
  }

  static async start(options: CustomerIoSimulatorOptions = {}): Promise<OccupiedWorkspace> {
    return new OccupiedWorkspace(await TestMigration.start(options));
  }

  /** Somebody is there, by whatever way: with `id`, `email` or both, and attributes. */
  async there(person: { id?: string; email?: string; [name: string]: unknown }): Promise<void> {
    const { simulator } = this.migration;
    const { id, email, ...attributes } = person;
    const { siteId, trackApiKey } = simulator.keys;
    const answer = await fetch(`${simulator.url}/api/v2/entity`, {
      method: "POST",
      headers: { authorization: `Basic ${Buffer.from(`${siteId}:${trackApiKey}`).toString("base64")}` },
      body: JSON.stringify({
        type: "person",
        action: "identify",
        identifiers: id === undefined ? { email } : { id },
        attributes: { ...attributes, ...(id !== undefined && email !== undefined && { email }) },
      }),
    });
    if (!answer.ok) throw new Error(`the simulator said ${answer.status}`);
    simulator.settle();
  }

  /** Imports, merges and plans. */
  async planned(records: readonly Said[]): Promise<void> {
    await this.migration.import("csv", records);
    await this.migration.merge();
    await this.migration.plan();
  }

  async lookUp(client: CustomerIoClient = this.migration.client, progress = quietProgress): Promise<void> {
    await lookUpDestination(this.migration.project, client, progress);
  }

  async conflicts() {
    const page = await queryDestinationConflicts(this.migration.project, { offset: 0, limit: 1000 });
    return page.conflicts;
  }

  /** Codes by the person that each is about. */
  async codes(): Promise<Record<string, string>> {
    const conflicts = await this.conflicts();
    return Object.fromEntries(conflicts.map(({ userId, email, code }) => [userId ?? email ?? "", code]));
  }

  async decide(code: string, decision: string) {
    const { conflictId } = (await this.conflicts()).find((conflict) => conflict.code === code)!;
    return decideDestination(this.migration.project, [{ line: 0, conflictId, decision }], "command line");
  }

  async state() {
    return (await destinationState(this.migration.project))!;
  }

  plan() {
    return currentPlan(this.migration.project);
  }

  /** Subjects whose profiles would be written. */
  async profiles(): Promise<string[]> {
    return (await this.migration.operations("profiles")).map(({ subject }) => subject);
  }

  /** Uploads, reads back, uploads profiles; everything has taken effect then. */
  async migrate(): Promise<void> {
    await this.migration.upload();
    await this.migration.verify();
    await this.migration.uploadProfiles();
    this.migration.simulator.settle();
  }
}
