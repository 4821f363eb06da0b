import { describe, expect, it } from "vitest";
import type { Gate } from "../../contract/delivery.ts";
import type { Project } from "../../contract/project.ts";
import { inventedPulled, inventedPullFile, inventedSyncState } from "../testing/invented-pulls.ts";
import { inventedFile, inventedPlan } from "../testing/invented-world.ts";
import { type ProjectFacts, stepStates, steps, stepToGoOnWith } from "./steps.ts";

const workspace = {
  role: "staging" as const,
  id: 1,
  name: "Acme",
  region: "eu" as const,
  endpoint: null,
  connectedAt: "2026-11-23T10:00:00Z",
};
const project: Project = {
  folder: "/f",
  name: "Acme",
  practice: false,
  sourcePriority: ["iterable", "klaviyo", "mailchimp", "csv"],
  createdAt: "2026-11-23T10:00:00Z",
  workspace,
  workspaces: [workspace],
};
const locked: Gate = {
  open: false,
  blockers: [{ code: "NO_SOURCES", message: "No export has been imported.", nextStep: "Import one." }],
  certificate: null,
};
const fresh: ProjectFacts = {
  project: { ...project, workspace: null, workspaces: [] },
  files: [],
  merge: {
    summary: null,
    mergedAt: null,
    stale: false,
    suppressedByLevel: [],
    undecidedConflicts: 0,
    notes: [],
  },
  plan: null,
  reports: { suppressions: null, verify: null, profiles: null, verifyProfiles: null },
  pulled: [],
  gate: locked,
  sync: { notReady: "Nothing to sync.", everyMinutes: null, nextRunAt: null, missedAt: null, runs: [] },
};
const summary = {
  records: 1,
  rejected: 0,
  persons: 1,
  leads: 0,
  addresses: 1,
  suppressed_persons: 0,
  suppressed_addresses: 0,
  conflicts: {} as never,
};
const plan = inventedPlan(1000, "profile");
const upload = {
  what: "suppressions" as const,
  dryRun: false,
  planHash: plan.hash,
  operations: 10,
  delivered: 10,
  failed: 0,
  failures: [],
  seconds: 1,
};
const verify = {
  planHash: plan.hash,
  verifiedAt: "2026-11-23T10:00:00Z",
  addresses: 10,
  persons: 5,
  covered: 15,
  missing: 0,
  missingItems: [],
  failedActivities: { since: null, count: 0, items: [], trouble: null },
};
const readBack = {
  planHash: plan.hash,
  verifiedAt: "2026-11-23T11:00:00Z",
  profiles: 10,
  arrived: 10,
  missing: 0,
  missingItems: [],
  subscribed: 0,
  differingAttributes: [],
  failedActivities: { since: null, count: 0, items: [], trouble: null },
};
const planned: ProjectFacts = {
  ...fresh,
  project,
  files: [inventedFile(1, "/mailchimp/unsubscribed.csv", 100, 0)],
  merge: { ...fresh.merge, summary, mergedAt: "2026-11-23T10:00:00Z" },
  plan,
};

const statuses = (facts: ProjectFacts) => steps.map((step) => stepStates(facts)[step].status);

describe("the steps of a migration", () => {
  it("begin with the workspace, the sources being free to do and the rest locked", () => {
    expect(statuses(fresh)).toEqual(["next", "waiting", ...Array.from({ length: 6 }, () => "locked")]);
  });

  it("each lead to the next", () => {
    expect(stepToGoOnWith(stepStates({ ...fresh, project }))).toBe("sources");
    expect(stepToGoOnWith(stepStates({ ...fresh, project, files: planned.files }))).toBe("merge");
    expect(stepToGoOnWith(stepStates({ ...planned, plan: null }))).toBe("plan");
    expect(stepToGoOnWith(stepStates(planned))).toBe("suppress");
  });

  it("say why they are locked, what unlocks them and where", () => {
    for (const step of steps) {
      const { status, lock } = stepStates(fresh)[step];
      expect(lock !== null).toBe(status === "locked");
      if (lock) for (const words of [lock.reason, lock.unlock, lock.goTo]) expect(words).not.toBe("");
    }
    expect(stepStates(fresh).gate.lock?.reason).toBe("No export has been imported.");
  });

  it("need attention where rejected rows could be opt-outs, not where they could not or the file is replaced", () => {
    const file = inventedFile(1, "/mailchimp/unsubscribed.csv", 100, 3);
    expect(stepStates({ ...planned, files: [file] }).sources).toMatchObject({
      status: "attention",
      note: "3 rejected rows",
    });
    expect(stepStates({ ...planned, files: [{ ...file, carriesSuppressions: false }] }).sources.status).toBe(
      "done",
    );
    expect(stepStates({ ...planned, files: [{ ...file, replacedBy: 2 }] }).sources.status).toBe("done");
  });

  it("go back to the merge when files changed, before anything later", () => {
    const states = stepStates({ ...planned, merge: { ...planned.merge, stale: true } });
    expect(states.merge.status).toBe("attention");
    expect(stepToGoOnWith(states)).toBe("merge");
  });

  it("lock the upload behind a plan that is up to date", () => {
    const states = stepStates({ ...planned, plan: { ...plan, current: false } });
    expect(states.plan.status).toBe("attention");
    expect(states.suppress.lock?.goTo).toBe("plan");
  });

  it("count suppressions as done only when they were read back under this plan and none is missing", () => {
    const after = (reports: Partial<ProjectFacts["reports"]>) =>
      stepStates({ ...planned, reports: { ...fresh.reports, ...reports } }).suppress;
    expect(after({ suppressions: upload })).toMatchObject({ status: "next", note: "read back" });
    expect(after({ suppressions: { ...upload, dryRun: true } })).toMatchObject({ status: "next", note: "" });
    expect(after({ suppressions: { ...upload, delivered: 8, failed: 2 } }).status).toBe("attention");
    expect(after({ suppressions: upload, verify: { ...verify, missing: 1 } }).status).toBe("attention");
    expect(after({ suppressions: upload, verify: { ...verify, planHash: "other" } }).status).toBe("next");
    expect(after({ suppressions: upload, verify }).status).toBe("done");
  });

  it("unlock the profiles with the gate and not before", () => {
    const proven = { ...planned, reports: { ...fresh.reports, suppressions: upload, verify } };
    expect(stepStates(proven).profiles.status).toBe("locked");
    expect(
      stepStates({ ...proven, gate: { open: true, blockers: [], certificate: null } }).profiles.status,
    ).toBe("next");
  });

  it("count profiles as done only when they were read back under this plan and none is missing", () => {
    const gate = { open: true, blockers: [], certificate: null };
    const after = (reports: Partial<ProjectFacts["reports"]>) =>
      stepStates({
        ...planned,
        gate,
        reports: { ...fresh.reports, suppressions: upload, verify, ...reports },
      }).profiles;
    const profiles = { ...upload, what: "profiles" as const };
    expect(after({ profiles })).toMatchObject({ status: "next", note: "read back" });
    expect(after({ profiles: { ...profiles, delivered: 8 } })).toMatchObject({ status: "next", note: "" });
    expect(after({ profiles, verifyProfiles: { ...readBack, planHash: "other" } }).status).toBe("next");
    expect(after({ profiles, verifyProfiles: { ...readBack, missing: 1 } })).toMatchObject({
      status: "attention",
      note: "1 did not arrive",
    });
    expect(after({ profiles, verifyProfiles: readBack }).status).toBe("done");
  });

  it("need attention where an export over an API was not read to its end, until the source is retired", () => {
    const unfinished = inventedPulled("klaviyo", "unfinished", 1000);
    expect(stepStates({ ...planned, pulled: [unfinished] }).sources).toMatchObject({
      status: "attention",
      note: "1 export not finished",
    });
    const incomplete = inventedPulled("klaviyo", "incomplete", 1000);
    expect(stepStates({ ...planned, pulled: [incomplete] }).sources.status).toBe("attention");
    expect(
      stepStates({ ...planned, pulled: [inventedPulled("klaviyo", "retired", 1000)] }).sources.status,
    ).toBe("done");
  });

  it("need attention where nobody has said which field of a source holds the user ID", () => {
    const unconfirmed = inventedPulled("klaviyo", "unconfirmed", 1000);
    expect(stepStates({ ...planned, pulled: [unconfirmed] }).sources).toMatchObject({
      status: "attention",
      note: "user ID not confirmed",
    });
  });

  it("count what an API brought apart from files", () => {
    const pulled = inventedPulled("klaviyo", "complete", 1000);
    const files = [...planned.files, inventedPullFile(2, pulled.last!)];
    expect(stepStates({ ...planned, files, pulled: [pulled] }).sources.note).toBe("1 API, 1 file");
  });
});

describe("the sync", () => {
  const ready = { ...planned, sync: inventedSyncState("runs", 3, 1000) };
  const state = (facts: Partial<ProjectFacts["sync"]>) =>
    stepStates({ ...ready, sync: { ...ready.sync, ...facts } }).sync;

  it("is locked while there is nobody to ask, and leads to where a source is connected", () => {
    expect(state({ notReady: "No source is connected." }).lock).toMatchObject({
      reason: "No source is connected.",
      goTo: "sources",
    });
    const pulled = [inventedPulled("klaviyo", "complete", 1000)];
    const notReady = { ...ready.sync, notReady: "There is no workspace." };
    expect(stepStates({ ...ready, pulled, sync: notReady }).sync.lock?.goTo).toBe("workspace");
  });

  it("is not done before its first run", () => {
    expect(state({ runs: [] }).status).toBe("waiting");
  });

  it("shows a missed run and a run that stopped before all else", () => {
    expect(state({ missedAt: "2026-11-24T08:00:00Z" })).toMatchObject({
      status: "attention",
      note: "a run was missed",
    });
    expect(state(inventedSyncState("stopped", 3, 1000))).toMatchObject({
      status: "attention",
      note: "the last run stopped",
    });
  });

  it("says how often it runs", () => {
    expect(state({ everyMinutes: 60 })).toMatchObject({ status: "done", note: "every 60 minutes" });
    expect(state({ everyMinutes: null })).toMatchObject({ status: "done", note: "" });
  });
});
