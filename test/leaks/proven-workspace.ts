import { afterAll, beforeAll, beforeEach } from "vitest";
import type { CustomerIoSimulatorOptions } from "../../simulators/customerio/simulator.ts";
import { type Said, state, TestMigration } from "../delivery/test-migration.ts";

const people: Said[] = [
  { userId: "1", email: "one@x.com", states: [state("unsubscribed_all")] },
  { userId: "2", email: "two@x.com" },
  { userId: "3", email: "bounced@x.com", states: [state("hard_bounce")] },
];

/** A migration whose suppressions are proven and whose profiles are uploaded, in a workspace as described. */
export async function provenMigration(options: CustomerIoSimulatorOptions = {}): Promise<TestMigration> {
  const migration = await TestMigration.start(options);
  await migration.import("csv", people);
  await migration.run();
  await migration.uploadProfiles();
  migration.simulator.settle();
  return migration;
}

/**
 * One proven migration for all tests of a block, as nothing ever ran or was sent there when each of them starts.
 * What they do must not change what is proven.
 */
export function sharedMigration(): () => TestMigration {
  let migration: TestMigration;
  beforeAll(async () => {
    migration = await provenMigration();
  });
  afterAll(() => migration.end());
  beforeEach(async () => {
    const { simulator, project } = migration;
    simulator.setFaults(undefined);
    Object.assign(simulator.messaging, {
      campaigns: [],
      broadcasts: [{ id: 1, name: "Offer" }],
      newsletters: [{ id: 1, name: "News", send_state: "drafted", sent_at: null }],
      messages: [],
    });
    Object.assign(simulator.messaging.options, { newsletterStates: "send_state", mostPerPage: 1_000 });
    for (const table of ["leak", "leak_acceptance", "reached_delivery"]) {
      await project.store.run(`DELETE FROM ${table}`);
    }
    // The journal tells of what was sent, so its record cannot go; what was not sent stands in nobody's way.
    await project.store.run("UPDATE sending SET state = 'not_sent', acknowledged_at = NULL");
    await project.store.run("UPDATE leak_look SET failure = NULL");
  });
  return () => migration;
}
