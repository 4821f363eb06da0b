import { afterEach, expect, it } from "vitest";
import { type FakeOptions, fakeShell } from "../testing/fake-engine.ts";
import { clientsOver } from "./connection.ts";
import { openProject, startPractice } from "./opened-project.ts";

const open: MessagePort[] = [];
afterEach(() => {
  for (const port of open.splice(0)) port.close();
});

function clients(options: Partial<FakeOptions> = {}) {
  const { enginePort, hostPort } = fakeShell({ stage: "start", ...options });
  open.push(enginePort, hostPort);
  return clientsOver(enginePort, hostPort);
}

it("starts a practice migration that is connected to its simulators and has files for what has no API", async () => {
  const { engine, ...others } = clients();
  const { practice } = await startPractice({ engine, ...others }, () => {});
  expect(await engine.project.current()).toMatchObject({
    practice: true,
    workspace: { endpoint: practice?.endpoint },
  });
  expect(practice?.sources.map(({ source }) => source)).toEqual(["mailchimp", "klaviyo", "iterable"]);
  expect(practice?.exports.map(({ source }) => source)).toEqual(["csv"]);
});

it("connects a practice migration that is opened again to its resumed simulator", async () => {
  const { engine, ...others } = clients();
  await openProject({ engine, ...others }, "/home/ada/practice-1");
  expect((await engine.project.current())?.workspace?.endpoint).toBe("http://127.0.0.1:4010");
});

it("leaves no half-opened migration behind when the simulator cannot be resumed", async () => {
  const { engine, ...others } = clients({ fail: ["practice.resume"] });
  await expect(openProject({ engine, ...others }, "/home/ada/practice-1")).rejects.toThrow();
  expect(await engine.project.current()).toBeNull();
});
