import { describe, expect, test } from "vitest";
import { type ImporterCase, importerSuite, importText, zipOf } from "../importer-suite.ts";
import { parseTime } from "../time.ts";

const subscribed: ImporterCase = {
  name: "Subscribed_email_audience_export_0a1b2c3d4e.csv",
  text: `Email Address,First Name,Phone Number,USER_ID,Shoe Size,MEMBER_RATING,OPTIN_TIME,CONFIRM_TIME,TIMEZONE,LAST_CHANGED,LEID,EUID,NOTES,TAGS
Anna@Example.com,Anna,'+4912345,u-1,39,2,2020-01-01 10:00:00,2020-01-02 10:00:00,Europe/Berlin,2021-04-14 16:48:01,401,aa11,"called, twice","""VIP"",""Blog"""
ben@example.com,,,,,2,2020-01-01 10:00:00,2020-01-02 10:00:00,,soon, 402 ,aa12,,
`,
  kind: "subscribed",
  carriesSuppressions: false,
  records: [
    {
      line: 2,
      recordId: "401",
      kind: "profile",
      userId: "u-1",
      email: "Anna@Example.com",
      updatedAt: parseTime("2021-04-14 16:48:01"),
      states: [{ level: "implied", at: null }],
      attributes: {
        first_name: "Anna",
        phone: "+4912345",
        "Shoe Size": "39",
        "mailchimp.MEMBER_RATING": "2",
        "mailchimp.OPTIN_TIME": "2020-01-01 10:00:00",
        "mailchimp.CONFIRM_TIME": "2020-01-02 10:00:00",
        "mailchimp.TIMEZONE": "Europe/Berlin",
        "mailchimp.LAST_CHANGED": "2021-04-14 16:48:01",
        "mailchimp.LEID": "401",
        "mailchimp.EUID": "aa11",
        "mailchimp.NOTES": "called, twice",
        "mailchimp.TAGS": '"VIP","Blog"',
      },
    },
    {
      line: 3,
      recordId: "402",
      kind: "profile",
      userId: "",
      email: "ben@example.com",
      updatedAt: parseTime("2020-01-02 10:00:00"),
      states: [{ level: "implied", at: null }],
      attributes: {
        "mailchimp.MEMBER_RATING": "2",
        "mailchimp.OPTIN_TIME": "2020-01-01 10:00:00",
        "mailchimp.CONFIRM_TIME": "2020-01-02 10:00:00",
        "mailchimp.LAST_CHANGED": "soon",
        "mailchimp.LEID": " 402 ",
        "mailchimp.EUID": "aa12",
      },
    },
  ],
};
importerSuite("mailchimp", [
  subscribed,
  {
    name: "unsubscribed_members_export_0a1b2c3d4e.csv",
    text: "Email Address,OPTIN_TIME,UNSUB_TIME,UNSUB_REASON,LEID,EUID\na@x.com,2020-01-01 00:00:00,2022-02-02 02:02:02,N/A,1,e1\nb@x.com,2020-01-01 00:00:00,,,2,e2\n",
    kind: "unsubscribed",
    carriesSuppressions: true,
    records: [
      {
        line: 2,
        recordId: "1",
        kind: "profile",
        userId: null,
        email: "a@x.com",
        updatedAt: parseTime("2022-02-02 02:02:02"),
        states: [{ level: "unsubscribed_all", at: parseTime("2022-02-02 02:02:02") }],
        attributes: {
          "mailchimp.OPTIN_TIME": "2020-01-01 00:00:00",
          "mailchimp.UNSUB_TIME": "2022-02-02 02:02:02",
          "mailchimp.UNSUB_REASON": "N/A",
          "mailchimp.LEID": "1",
          "mailchimp.EUID": "e1",
        },
      },
      {
        line: 3,
        recordId: "2",
        kind: "profile",
        userId: null,
        email: "b@x.com",
        updatedAt: parseTime("2020-01-01 00:00:00"),
        states: [{ level: "unsubscribed_all", at: null }],
        attributes: {
          "mailchimp.OPTIN_TIME": "2020-01-01 00:00:00",
          "mailchimp.LEID": "2",
          "mailchimp.EUID": "e2",
        },
      },
    ],
  },
]);

const plain = "Email Address,LEID\na@x.com,1\n";
const both = "Email Address,UNSUB_TIME,CLEAN_TIME,LEID\na@x.com,2020-01-01,2021-01-01,1\n";

describe("the state of a Mailchimp file", () => {
  test.each([
    ["SUBSCRIBED_x.csv", plain, "implied", false],
    ["unsubscribed_x.csv", plain, "unsubscribed_all", true],
    ["cleaned_x.csv", plain, "hard_bounce", true],
    ["nonsubscribed_x.csv", plain, "unknown", false],
    ["sms_only_x.csv", plain, "unknown", false],
    ["renamed.csv", "Email Address,UNSUB_TIME,LEID\na@x.com,2020-01-01,1\n", "unsubscribed_all", true],
    ["renamed.csv", "Email Address,CLEAN_TIME,EUID\na@x.com,2020-01-01,1\n", "hard_bounce", true],
  ] as const)("%s with %j is %s", async (name, text, level, carriesSuppressions) => {
    const found = await importText("mailchimp", name, text);
    expect(found.records[0]!.states[0]!.level).toBe(level);
    expect(found.carriesSuppressions).toEqual([carriesSuppressions]);
  });

  test.each([plain, both])("is not guessed where neither name nor columns tell it", async (text) => {
    await expect(importText("mailchimp", "renamed.csv", text)).rejects.toMatchObject({
      code: "MAILCHIMP_STATE_UNKNOWN",
      nextStep: expect.stringMatching(/own file name.*--means/),
    });
  });

  test.each([
    ["profiles", "unknown", null],
    ["unsubscribed", "unsubscribed_all", "2020-01-01"],
    ["bounced", "hard_bounce", "2021-01-01"],
    ["complained", "complaint", "2020-01-01"],
    ["manual", "manual", "2020-01-01"],
  ] as const)("is told by --means %s otherwise", async (means, level, at) => {
    const { records } = await importText("mailchimp", "renamed.csv", both, { means });
    expect(records[0]!.states).toEqual([{ level, at: at && parseTime(at) }]);
  });

  test("is not changed by a --means that contradicts the file's name", async () => {
    await expect(
      importText("mailchimp", "unsubscribed_x.csv", plain, { means: "profiles" }),
    ).rejects.toMatchObject({ code: "MEANS_CONTRADICTS_FILE" });
  });

  test("is read for every file of the ZIP", async () => {
    const bytes = await zipOf({ "subscribed_x.csv": plain, "cleaned_x.csv": plain });
    const { kinds, records } = await importText("mailchimp", "audience_export_x.zip", bytes);
    expect(kinds).toEqual(["subscribed", "cleaned"]);
    expect(records.map(({ states }) => states[0]!.level)).toEqual(["implied", "hard_bounce"]);
  });
});

test("the user_id comes from USER_ID, external_id, customer_id in that order, never from LEID", async () => {
  const { records } = await importText(
    "mailchimp",
    "subscribed_x.csv",
    "customer_id,External ID,Email Address,User Id,user_id,LEID\nc,e,a@x.com,u,second,1\n",
  );
  expect(records[0]).toMatchObject({
    userId: "u",
    attributes: { customer_id: "c", "External ID": "e", "mailchimp.user_id (column 5)": "second" },
  });
});
