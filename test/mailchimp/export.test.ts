import { afterEach, describe, expect, test } from "vitest";
import type { MailchimpSimulatorOptions } from "../../simulators/mailchimp/simulator.ts";
import { createWorld } from "../../simulators/world/world.ts";
import { closeSimulators, connect, expectedOf, pull, readOf, simulate } from "./harness.ts";

afterEach(closeSimulators);

const world = createWorld({ people: 600, seed: 3 });

describe("a full pull brings every member, complaint and level", () => {
  const settings: [string, MailchimpSimulatorOptions][] = [
    ["as the simulator is by default", {}],
    [
      "with exclusive since and inclusive before",
      { unconfirmed: { since: "exclusive", before: "inclusive" } },
    ],
    ["with both exclusive", { unconfirmed: { since: "exclusive", before: "exclusive" } }],
    ["with both inclusive", { unconfirmed: { since: "inclusive", before: "inclusive" } }],
    [
      "with archived people in questions without a status",
      { unconfirmed: { statuslessIncludesArchived: true } },
    ],
    ["with another order of equal times each time", { unconfirmed: { tieOrder: "shuffled" } }],
    ["without a Date header", { dateHeader: "none" }],
    [
      "with a Date header that knows nothing of the account's clock",
      { dateHeader: "machine", now: () => world.now },
    ],
    ["with more than ten audiences", { emptyAudiences: 23 }],
  ];
  test.each(settings)("%s", async (_, options) => {
    const simulator = await simulate({ world, ...options });
    const { records, rejections } = await pull(connect(simulator, { pageSize: 50 }));
    expect(readOf(records)).toEqual(expectedOf(simulator.account));
    expect(rejections).toEqual([]);
    expect(simulator.mostConnections()).toBeLessThanOrEqual(8);
  });
});
