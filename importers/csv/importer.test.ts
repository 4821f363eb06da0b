import { describe, expect, test } from "vitest";
import { importerSuite, importText } from "../importer-suite.ts";
import { parseTime } from "../time.ts";

importerSuite("csv", [
  {
    name: "crm.csv",
    text: "Customer ID,E-Mail,First Name,id,Shoe size,updated_at\nc-1,a@x.com,Anna,99,39,2022-01-01T00:00:00+02:00\n,b@x.com,,,[],\n",
    options: { means: "profiles" },
    kind: "profiles",
    carriesSuppressions: false,
    records: [
      {
        line: 2,
        recordId: "",
        kind: "profile",
        userId: "c-1",
        email: "a@x.com",
        updatedAt: parseTime("2021-12-31 22:00:00"),
        states: [],
        attributes: { first_name: "Anna", id: "99", "Shoe size": "39" },
      },
      {
        line: 3,
        recordId: "",
        kind: "profile",
        userId: "",
        email: "b@x.com",
        updatedAt: null,
        states: [],
        attributes: {},
      },
    ],
  },
  {
    name: "bounces.csv",
    text: "status,reason,email,created\n5.1.1,550 no such user,a@x.com,1618418881\n",
    options: { means: "bounced" },
    kind: "bounced",
    carriesSuppressions: true,
    records: [
      {
        line: 2,
        recordId: "",
        kind: "profile",
        userId: null,
        email: "a@x.com",
        updatedAt: null,
        states: [{ level: "hard_bounce", at: 1_618_418_881_000_000 }],
        attributes: { status: "5.1.1", reason: "550 no such user" },
      },
    ],
  },
]);

test.each([
  ["unsubscribed", "unsubscribed_all"],
  ["bounced", "hard_bounce"],
  ["complained", "complaint"],
  ["manual", "manual"],
] as const)("--means %s makes every row %s", async (means, level) => {
  const { records } = await importText("csv", "x.csv", "address,tag\na@x.com,*\n", { means });
  expect(records[0]!.states).toEqual([{ level, at: null }]);
});

describe("a mapped reason", () => {
  test.each([
    ["", [{ level: "unsubscribed_all", at: null }]],
    ["HARD_BOUNCE", [{ level: "hard_bounce", at: null }]],
    ["5.1.1", [{ level: "hard_bounce", at: null }]],
    ["550 5.1.1 The account does not exist", [{ level: "hard_bounce", at: null }]],
    ["Invalid address", [{ level: "hard_bounce", at: null, invalidAddress: true }]],
    ["SpamComplaint", [{ level: "complaint", at: null }]],
    ["abuse", [{ level: "complaint", at: null }]],
    ["Opted out", [{ level: "unsubscribed_all", at: null }]],
    ["unsubscribe", [{ level: "unsubscribed_all", at: null }]],
    ["ManualSuppression", [{ level: "manual", at: null }]],
    ["blocklisted", [{ level: "manual", at: null }]],
    ["whatever", [{ level: "manual", at: null }]],
    ["soft bounce", []],
    ["4.2.2", []],
    ["blocked", []],
  ])("%j", async (reason, states) => {
    const { records } = await importText("csv", "x.csv", `email,why\na@x.com,${reason}\n`, {
      means: "unsubscribed",
      map: { reason: "why" },
    });
    expect(records[0]!.states).toEqual(states);
  });

  test("is refused beside --means profiles, where it could not count", async () => {
    await expect(
      importText("csv", "x.csv", "email,why\na@x.com,spam\n", { means: "profiles", map: { reason: "why" } }),
    ).rejects.toMatchObject({ code: "MEANS_CONTRADICTS_MAP" });
  });
});

test("the meaning is never guessed", async () => {
  await expect(importText("csv", "unsubscribed.csv", "email,x\na@x.com,1\n")).rejects.toMatchObject({
    code: "MEANS_MISSING",
    message: expect.stringContaining("“email”, “x”"),
    nextStep: expect.stringContaining("--means"),
  });
});

test("without an identifier column it says which headers it saw and how to map; a bare id is never taken", async () => {
  await expect(importText("csv", "x.csv", "id,LEID\n1,2\n", { means: "profiles" })).rejects.toMatchObject({
    code: "IDENTIFIER_COLUMN_MISSING",
    message: expect.stringContaining("“id”, “LEID”"),
    nextStep: expect.stringContaining("--map user_id=COLUMN"),
  });
});

test("every field can be mapped; mapped columns are no attributes", async () => {
  const { records } = await importText(
    "csv",
    "x.csv",
    "id,post,key,when,changed,email\n7,a@x.com, k ,2020-01-01,2021-01-01,wrong\n",
    {
      means: "unsubscribed",
      map: { user_id: "ID", email: "post", record_id: "key", at: "when", updated_at: "changed" },
    },
  );
  expect(records[0]).toEqual({
    line: 2,
    recordId: "k",
    kind: "profile",
    userId: "7",
    email: "a@x.com",
    updatedAt: parseTime("2021-01-01"),
    states: [{ level: "unsubscribed_all", at: parseTime("2020-01-01") }],
    attributes: { email: "wrong" },
  });
});
