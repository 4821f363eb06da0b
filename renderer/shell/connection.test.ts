import { implement } from "@orpc/server";
import { RPCHandler } from "@orpc/server/message-port";
import { afterEach, expect, it } from "vitest";
import { engineContract } from "../../contract/engine-contract.ts";
import { shownFailure } from "../shared/failure.ts";
import { fakeShell } from "../testing/fake-engine.ts";
import { clientsOver } from "./connection.ts";

const open: MessagePort[] = [];
afterEach(() => {
  for (const port of open.splice(0)) port.close();
});

function clientsOfFake(options: Parameters<typeof fakeShell>[0]) {
  const { enginePort, hostPort } = fakeShell(options);
  open.push(enginePort, hostPort);
  return clientsOver(enginePort, hostPort);
}

it("brings a failure whole, with what to do", async () => {
  const { engine } = clientsOfFake({ stage: "planned" });
  const error = await engine.delivery.send({ broadcastId: 7 }).then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(shownFailure(error)).toEqual({
    code: "GATE_LOCKED",
    message: "The gate is locked: Not every suppression is uploaded.",
    nextStep: "Upload the suppressions.",
  });
});

it("refuses a reply that is not what the contract says", async () => {
  const { port1, port2 } = new MessageChannel();
  const { hostPort } = fakeShell();
  open.push(port1, port2, hostPort);
  // An engine that skips its own check, as one of another version might.
  const os = implement(engineContract).$config({ initialOutputValidationIndex: Number.NaN });
  const lying = os.gate.state.handler(() => ({ open: "yes" }) as never);
  new RPCHandler({ gate: { state: lying } }).upgrade(port1);
  port1.start();
  const { engine } = clientsOver(port2, hostPort);
  const error = await engine.gate.state().then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(shownFailure(error).message).toMatch(/not in the form that was agreed on/);
});

it("notices when the engine is gone", async () => {
  const { port1, port2 } = new MessageChannel();
  const { hostPort } = fakeShell();
  open.push(hostPort);
  const { engineGone } = clientsOver(port2, hostPort);
  port1.close();
  await expect(engineGone).resolves.toBeUndefined();
});

it("follows a running task from its start to its end", async () => {
  const { engine } = clientsOfFake({ stage: "imported", tick: 1 });
  const watch = await engine.activity.watch();
  const running = engine.merge.run();
  const kinds: (string | null)[] = [];
  for await (const activity of watch) {
    kinds.push(activity?.kind ?? null);
    if (kinds.length > 1 && activity === null) break;
  }
  await running;
  expect(kinds[0]).toBeNull();
  expect(new Set(kinds)).toEqual(new Set([null, "merge"]));
});
