import { afterEach, expect, test } from "vitest";
import { gateState } from "../../engine/gate/gate.ts";
import type { MailchimpSimulator } from "../../simulators/mailchimp/simulator.ts";
import { createWorld } from "../../simulators/world/world.ts";
import { readStream, throughJson } from "../importers/landing.ts";
import { pulledProject } from "../pulls/pulled-project.ts";
import { closeSimulators, connect, pull, simulate } from "./harness.ts";

afterEach(closeSimulators);

const world = createWorld({ people: 400, seed: 5 });

/** Deletes the audience when its members were asked for so often. */
function deleteOnTheWay(simulator: MailchimpSimulator, listId: string, questions: number) {
  let asked = 0;
  simulator.setFaults(({ path }) => {
    if (path === `/lists/${listId}/members` && ++asked === questions)
      simulator.account.deleteAudience(listId);
    return undefined;
  });
}

test("an audience that is deleted in mid-run ends the export, with a rejected row for each part that may hide opt-outs", async () => {
  const simulator = await simulate({ world });
  const [other, gone] = simulator.account.audiences;
  const planned = throughJson(await connect(simulator).plan(null));
  deleteOnTheWay(simulator, gone!.id, 3);
  // As after a kill: the plan is the one that was laid down.
  const api = connect(simulator, { pageSize: 5 });
  const rejections: string[] = [];
  const notes = new Set<string | undefined>();
  let others = 0;
  for (const stream of planned.streams) {
    const pages = await readStream(api, stream);
    for (const page of pages) {
      if (page.note) notes.add(page.note);
      rejections.push(...page.rejections.map(({ row }) => row));
      if (stream.id.startsWith(`members/${other!.id}/`)) others += page.records.length;
    }
  }
  expect(others).toBeGreaterThanOrEqual(other!.size);
  expect([...notes].join()).toContain(`“${gone!.name}” was deleted while it was exported`);
  for (const part of ["cleaned members", "archived members", "spam complaints", "opt-outs by their own time"])
    expect(rejections.join("\n")).toContain(`“${gone!.name}”: ${part}`);
  expect(rejections.join("\n")).not.toContain(": pending members");
});

test("an audience that is there, whose members Mailchimp does not find, stays unread", async () => {
  const simulator = await simulate({ world });
  const { streams } = throughJson(await connect(simulator).plan(null));
  simulator.setFaults(({ path }) =>
    path.endsWith("/members")
      ? {
          status: 404,
          body: { title: "Resource Not Found", status: 404, detail: "", type: "", instance: "" },
        }
      : undefined,
  );
  await expect(readStream(connect(simulator), streams[0]!)).rejects.toMatchObject({
    code: "MAILCHIMP_NOT_FOUND",
  });
});

test("a report of a deleted audience that is gone, or short, is a rejected row and stops nothing", async () => {
  const simulator = await simulate();
  const { account } = simulator;
  account.addAudience("a000000001", "News");
  // One campaign a quarter, each with somebody who opted out and somebody who complained.
  for (const month of ["01", "04", "07"]) {
    const at = Date.parse(`2025-${month}-05`);
    for (const name of ["annoyed", "angry"]) account.addPerson({ email: `${name}${month}@example.com`, at });
    account.unsubscribe(`annoyed${month}@example.com`, { at });
    account.complain(`angry${month}@example.com`, { at });
  }
  const [reported, short] = account.campaigns;
  account.deleteAudience("a000000001");
  const plan = throughJson(await connect(simulator).plan(null));
  simulator.setFaults(({ path }) => {
    if (path.startsWith(`/reports/${reported!.id}/`))
      return { status: 404, body: { title: "Resource Not Found", status: 404 } };
    if (path === `/reports/${short!.id}/abuse-reports`)
      return { status: 200, body: { abuse_reports: [], total_items: 9 } };
    return undefined;
  });
  const api = connect(simulator);
  const pages = [];
  for (const stream of plan.streams) pages.push(...(await readStream(api, stream)));
  expect(
    pages.flatMap(({ rejections }) => rejections.map(({ row, reason }) => `${reason} ${row}`)).sort(),
  ).toEqual([
    expect.stringMatching(new RegExp(`could not be read.*opted out.*${reported!.id}`)),
    expect.stringMatching(new RegExp(`deleted before it was read.*complained.*${reported!.id}`)),
    expect.stringMatching(new RegExp(`counts 9 and hands out 0.*${short!.id}`)),
  ]);
  const read = pages.flatMap(({ records }) => records.map(({ record }) => record.email)).sort();
  expect(read).toEqual(["angry07@example.com", "annoyed04@example.com", "annoyed07@example.com"]);
});

test("who opted out by a campaign and is in its audience no longer is still known to have opted out", async () => {
  const simulator = await simulate();
  const { account } = simulator;
  account.addAudience("a000000001", "News");
  for (const name of ["gone", "back", "moved"])
    account.addPerson({ email: `${name}@example.com`, userId: name });
  for (const name of ["gone", "back", "moved"]) account.unsubscribe(`${name}@example.com`);
  account.remove("gone@example.com");
  account.resubscribe("back@example.com");
  account.setStatus("moved@example.com", "transactional");
  const { records } = await pull(connect(simulator));
  const optOuts = [...records].filter(([key]) => key.startsWith("unsubscribe/")).map(([, record]) => record);
  expect(optOuts).toEqual([
    expect.objectContaining({
      email: "gone@example.com",
      userId: "gone",
      states: [{ level: "unsubscribed_all", at: expect.any(Number) }],
    }),
  ]);
});

test("the project goes on after it: what was lost locks the gate, and the next pull asks for it no more", async () => {
  const migration = await pulledProject();
  const { account, ...simulator } = migration.vendors.mailchimp;
  const gone = account.audiences[1]!;
  deleteOnTheWay({ ...simulator, account }, gone.id, 14);
  const report = await migration.pull("mailchimp");
  expect(account.audience(gone.id)).toBeUndefined();
  expect(report).toMatchObject({ complete: true, kind: "full" });
  expect(report.rejected).toBeGreaterThan(0);
  const { blockers } = await gateState(migration.project);
  expect(blockers.map(({ code }) => code)).toContain("REJECTED_ROWS");
  const next = await migration.pull("mailchimp");
  expect(next).toMatchObject({ complete: true, kind: "delta", rejected: 0 });

  // Everything asked for again does not bring back what is gone.
  const whole = await migration.pull("mailchimp", { full: true });
  expect(whole).toMatchObject({ complete: true, kind: "full" });
  const later = await gateState(migration.project);
  expect(later.blockers.map(({ code }) => code)).toContain("REJECTED_ROWS");
});
