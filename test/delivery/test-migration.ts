import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LeadSuppression, UploadReport, VerifyReport } from "../../contract/delivery.ts";
import type { SourceName, SourceRecord } from "../../contract/source.ts";
import { type CustomerIoClient, createCustomerIoClient } from "../../customerio/client.ts";
import type { Progress } from "../../engine/activity/activity.ts";
import { isoTime, now } from "../../engine/clock.ts";
import { uploadProfiles, uploadSuppressions } from "../../engine/delivery/upload.ts";
import { verify } from "../../engine/delivery/verify.ts";
import { gateState } from "../../engine/gate/gate.ts";
import { merge } from "../../engine/merge/merge.ts";
import { makePlan } from "../../engine/plan/plan.ts";
import { Project } from "../../engine/project/project.ts";
import { RecordAppender } from "../../engine/sources/record-appender.ts";
import { abandon } from "../../engine/testing/abandon.ts";
import { saveWorkspace } from "../../engine/workspace/stored-workspaces.ts";
import {
  type CustomerIoSimulator,
  type CustomerIoSimulatorOptions,
  startCustomerIoSimulator,
} from "../../simulators/customerio/simulator.ts";

/** What a test says of one record; the rest is filled in. */
export type Said = Partial<SourceRecord>;

export const quietProgress: Progress = {
  start: () => undefined,
  report: async () => undefined,
  signal: new AbortController().signal,
};

/** For tests: a real project in a temporary folder, bound to a Customer.io simulator on loopback. */
export class TestMigration {
  project: Project;
  readonly simulator: CustomerIoSimulator;
  readonly client: CustomerIoClient;
  /** Long enough for the simulator's delayed writes; what is still missing then was lost. */
  settleMilliseconds = 300;

  private constructor(project: Project, simulator: CustomerIoSimulator, client: CustomerIoClient) {
    this.project = project;
    this.simulator = simulator;
    this.client = client;
  }

  static async start(options: CustomerIoSimulatorOptions = {}): Promise<TestMigration> {
    const folder = join(await mkdtemp(join(tmpdir(), "sendgate-delivery-")), "project");
    const simulator = await startCustomerIoSimulator({
      appRequestsPerSecond: 100_000,
      broadcastIntervalMs: 0,
      writeDelayMs: 0,
      ...options,
    });
    const client = createCustomerIoClient({
      credentials: simulator.keys,
      endpoint: simulator.url,
      appRequestsPerSecond: 100_000,
      broadcastIntervalMs: 0,
      retries: 1,
      retryDelayMs: 1,
    });
    const project = await Project.create({ folder });
    await saveWorkspace(project.store, {
      role: "staging",
      ...simulator.workspace,
      endpoint: simulator.url,
      connectedAt: isoTime(now()),
    });
    return new TestMigration(project, simulator, client);
  }

  async end(): Promise<void> {
    await abandon(this.project);
    await this.simulator.close();
    await rm(join(this.project.folder, ".."), { recursive: true, force: true });
  }

  /** As after a crash: whatever was not committed is gone. */
  async reopen(): Promise<void> {
    await this.project.close();
    this.project = await Project.open(this.project.folder);
  }

  /** Adds one imported file with these records. */
  async import(source: SourceName, records: readonly Said[], name = `${source}.csv`): Promise<number> {
    const { store } = this.project;
    const [numbers] = await store.rows<{ file: number; record: number }>(
      `SELECT (SELECT count(*) FROM source_file) + 1 AS file,
              (SELECT coalesce(max(record), 0) FROM source_record) + 1 AS record`,
    );
    const { file, record } = numbers!;
    await store.run(
      `INSERT INTO source_file VALUES ($file, $source, $name, 'test', true, '', $sha256, '', 1, $rows, $rows, 0, $at, NULL, NULL, NULL)`,
      {
        file,
        source,
        name,
        sha256: createHash("sha256")
          .update(JSON.stringify([source, records]))
          .digest("hex"),
        rows: records.length,
        at: now(),
      },
    );
    await store.transaction(async (connection) => {
      const appender = await RecordAppender.create(connection, source, file, record);
      for (const [index, said] of records.entries()) {
        appender.append({
          line: index + 2,
          recordId: String(index),
          kind: "profile",
          userId: null,
          email: null,
          updatedAt: null,
          states: [],
          attributes: {},
          ...said,
        });
      }
      appender.close();
    });
    return file;
  }

  async merge(): Promise<void> {
    await merge(this.project.store, this.project.sourcePriority, quietProgress);
  }

  plan(leadSuppression?: LeadSuppression) {
    return makePlan(this.project, { leadSuppression }, quietProgress);
  }

  upload(client = this.client): Promise<UploadReport> {
    return uploadSuppressions(this.project, client, {}, quietProgress);
  }

  uploadProfiles(): Promise<UploadReport> {
    return uploadProfiles(this.project, this.client, {}, quietProgress);
  }

  verify(): Promise<VerifyReport> {
    const { settleMilliseconds } = this;
    return verify(this.project, this.client, quietProgress, {
      settleMilliseconds,
      firstPauseMilliseconds: 20,
    });
  }

  gate(freshHours = 24, clock = now) {
    return gateState(this.project, { freshHours, clock });
  }

  /** Codes of what keeps the gate shut. */
  async blockers(): Promise<string[]> {
    return (await this.gate()).blockers.map(({ code }) => code);
  }

  /** Merge, plan, upload the suppressions, read back. */
  async run(leadSuppression?: LeadSuppression): Promise<VerifyReport> {
    await this.merge();
    await this.plan(leadSuppression);
    await this.upload();
    return this.verify();
  }

  /** Every write of the plan, in order. */
  async operations(phase: "suppressions" | "profiles" = "suppressions") {
    const rows = await this.project.store.rows<{
      mechanism: string;
      subject: string;
      email: string | null;
      item: string | null;
    }>(
      "SELECT mechanism, subject, email, item FROM planned_operation WHERE phase = $phase ORDER BY operation_id",
      { phase },
    );
    return rows.map(({ item, ...row }) => ({
      ...row,
      attributes: item === null ? null : (JSON.parse(item).attributes as Record<string, unknown>),
    }));
  }

  /** Addresses that a broadcast to everybody reaches right now. */
  async reached(): Promise<string[]> {
    const { triggerId } = await this.client.triggerBroadcast(1, {});
    return this.simulator.deliveriesOf(triggerId).map(({ email }) => email.toLowerCase());
  }

  async suppressedAddresses(): Promise<string[]> {
    const rows = await this.project.store.rows<{ email_key: string }>(
      "SELECT email_key FROM suppression JOIN address USING (address_id) ORDER BY email_key",
    );
    return rows.map(({ email_key }) => email_key);
  }
}

/** Shorthand for a state without a time. */
export const state = (level: SourceRecord["states"][number]["level"], more: object = {}) => ({
  level,
  at: null,
  ...more,
});
