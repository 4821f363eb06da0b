import { expect, test } from "vitest";
import { importerSuite, importText } from "../importer-suite.ts";
import { parseTime } from "../time.ts";

importerSuite("klaviyo", [
  {
    name: "Newsletter.csv",
    text: `Email,Klaviyo ID,External ID,First Name,State / Region,Favourite colour,Email Marketing Consent,Email Marketing Consent Timestamp,Email Suppressions,Last Active,Profile Created On,Average Order Value
anna@example.com,01K1,u-1,Anna,Bavaria,'=red,SUBSCRIBED,2021-01-01 00:00:00,,2022-03-04 05:06:07,2020-01-01 00:00:00,12.5
ben@example.com,01K2,,,,,NEVER_SUBSCRIBED,,"HARD_BOUNCE, SPAM_COMPLAINT",,2020-01-01 00:00:00,
`,
    kind: "profiles",
    carriesSuppressions: true,
    records: [
      {
        line: 2,
        recordId: "01K1",
        kind: "profile",
        userId: "u-1",
        email: "anna@example.com",
        updatedAt: parseTime("2022-03-04 05:06:07"),
        states: [{ level: "explicit_opt_in", at: parseTime("2021-01-01") }],
        attributes: {
          first_name: "Anna",
          region: "Bavaria",
          "Favourite colour": "=red",
          "klaviyo.Klaviyo ID": "01K1",
          "klaviyo.Email Marketing Consent": "SUBSCRIBED",
          "klaviyo.Email Marketing Consent Timestamp": "2021-01-01 00:00:00",
          "klaviyo.Last Active": "2022-03-04 05:06:07",
          "klaviyo.Profile Created On": "2020-01-01 00:00:00",
          "klaviyo.Average Order Value": "12.5",
        },
      },
      {
        line: 3,
        recordId: "01K2",
        kind: "profile",
        userId: "",
        email: "ben@example.com",
        updatedAt: parseTime("2020-01-01"),
        states: [
          { level: "hard_bounce", at: null },
          { level: "complaint", at: null },
          { level: "unknown", at: null },
        ],
        attributes: {
          "klaviyo.Klaviyo ID": "01K2",
          "klaviyo.Email Marketing Consent": "NEVER_SUBSCRIBED",
          "klaviyo.Email Suppressions": "HARD_BOUNCE, SPAM_COMPLAINT",
          "klaviyo.Profile Created On": "2020-01-01 00:00:00",
        },
      },
    ],
  },
]);

async function statesOf(suppressions: string, consent = "", time = "") {
  const text = `Email,Email Suppressions,Email Marketing Consent,Email Marketing Consent Timestamp\na@x.com,"${suppressions.replaceAll('"', '""')}",${consent},${time}\n`;
  return (await importText("klaviyo", "list.csv", text)).records[0]!.states;
}
const unknown = { level: "unknown", at: null };

test.each([
  ["UNSUBSCRIBE", [{ level: "unsubscribed_all", at: null }]],
  ["INVALID_EMAIL", [{ level: "hard_bounce", at: null, invalidAddress: true }]],
  ["USER_SUPPRESSED", [{ level: "manual", at: null }]],
  ["something new", [{ level: "manual", at: null }]],
  ["-", [{ level: "manual", at: null }]],
  [
    "Hard Bounce;spam-complaint",
    [
      { level: "hard_bounce", at: null },
      { level: "complaint", at: null },
    ],
  ],
  [
    '["HARD_BOUNCE", "UNSUBSCRIBE"]',
    [
      { level: "hard_bounce", at: null },
      { level: "unsubscribed_all", at: null },
    ],
  ],
  ["[]", []],
  ["  ", []],
])("Email Suppressions %s", async (cell, states) => {
  expect(await statesOf(cell)).toEqual([...states, unknown]);
});

test("consent UNSUBSCRIBED stands beside every suppression, with its time", async () => {
  expect(await statesOf("HARD_BOUNCE", "unsubscribed", "2023-01-01T00:00:00Z")).toEqual([
    { level: "hard_bounce", at: null },
    { level: "unsubscribed_all", at: parseTime("2023-01-01") },
  ]);
});

test("a file without consent and suppression columns carries no suppressions, and says unknown", async () => {
  const found = await importText("klaviyo", "list.csv", "Email,Klaviyo ID\na@x.com,01K\n");
  expect(found.carriesSuppressions).toEqual([false]);
  expect(found.records[0]!.states).toEqual([unknown]);
});

test("the user_id comes from External ID alone, or from the column that is mapped", async () => {
  const text = "Email,Klaviyo ID,user_id\na@x.com,01K,u\n";
  expect((await importText("klaviyo", "list.csv", text)).records[0]).toMatchObject({
    userId: null,
    attributes: { user_id: "u" },
  });
  const mapped = await importText("klaviyo", "list.csv", text, { map: { user_id: "user_id" } });
  expect(mapped.records[0]).toMatchObject({ userId: "u" });
  expect(mapped.records[0]!.attributes).not.toHaveProperty("user_id");
});

test("--means is refused: it would be passed over in silence", async () => {
  await expect(
    importText("klaviyo", "list.csv", "Email,Klaviyo ID\na@x.com,01K\n", { means: "unsubscribed" }),
  ).rejects.toMatchObject({ code: "MEANS_NOT_NEEDED" });
});
