import { describe, expect, test } from "vitest";
import type { SourceRecord } from "../../contract/source.ts";
import { importerSuite, importText } from "../importer-suite.ts";
import { parseTime } from "../time.ts";

const anna: SourceRecord = {
  line: 1,
  recordId: "anna@example.com",
  kind: "profile",
  userId: "u-1",
  email: " anna@example.com ",
  updatedAt: parseTime("2022-01-01"),
  states: [{ level: "unsubscribed_all", at: null, assumed: true }],
  attributes: {
    first_name: "Anna",
    phone: "+4912345",
    industry: "retail",
    Industry: { code: 7 },
    "iterable.profileUpdatedAt": "2022-01-01 00:00:00 +00:00",
    "iterable.signupDate": "2020-01-01 00:00:00 +00:00",
    "iterable.emailListIds": [101],
    "iterable.unsubscribedChannelIds": [39581],
    "iterable.itblInternal.emailDomain": "example.com",
    "iterable.devices.token": ["t"],
  },
};

importerSuite("iterable", [
  {
    name: "users.ndjson",
    text: `{"email":" anna@example.com ","userId":"u-1","firstName":"Anna","phoneNumber":"+4912345","industry":"retail","Industry":{"code":7},"profileUpdatedAt":"2022-01-01 00:00:00 +00:00","signupDate":"2020-01-01 00:00:00 +00:00","emailListIds":[101],"unsubscribedChannelIds":[39581],"unsubscribedMessageTypeIds":[],"itblInternal.emailDomain":"example.com","devices.token":["t"]}
{"userId":12345678901234567890,"signupDate":"2020-01-01 00:00:00 +00:00","unsubscribedMessageTypeIds":[7,8],"city":null}
`,
    kind: "users",
    carriesSuppressions: true,
    records: [
      anna,
      {
        line: 2,
        recordId: "12345678901234567890",
        kind: "profile",
        userId: "12345678901234567890",
        email: null,
        updatedAt: parseTime("2020-01-01"),
        states: [
          { level: "unsubscribed_topic", at: null, topic: "message_type:7" },
          { level: "unsubscribed_topic", at: null, topic: "message_type:8" },
        ],
        attributes: {
          "iterable.signupDate": "2020-01-01 00:00:00 +00:00",
          "iterable.unsubscribedMessageTypeIds": [7, 8],
        },
      },
    ],
  },
  {
    name: "users.csv",
    text: `email,userId,profileUpdatedAt,unsubscribedChannelIds,unsubscribedMessageTypeIds
a@x.com,7,2022-01-01 00:00:00 +00:00,[],[]
b@x.com,007,,"[1,2]",
`,
    kind: "users",
    carriesSuppressions: true,
    records: [
      {
        line: 2,
        recordId: "a@x.com",
        kind: "profile",
        userId: "7",
        email: "a@x.com",
        updatedAt: parseTime("2022-01-01"),
        states: [{ level: "implied", at: null }],
        attributes: { "iterable.profileUpdatedAt": "2022-01-01 00:00:00 +00:00" },
      },
      {
        line: 3,
        recordId: "b@x.com",
        kind: "profile",
        userId: "007",
        email: "b@x.com",
        updatedAt: null,
        states: [{ level: "unsubscribed_all", at: null, assumed: true }],
        attributes: { "iterable.unsubscribedChannelIds": "[1,2]" },
      },
    ],
  },
  {
    name: "events.ndjson",
    text: `{"email":"a@x.com","createdAt":"2021-04-14 16:29:41 +00:00","unsubSource":"EmailLink","channelIds":[39581]}
{"email":"b@x.com","userId":"u","createdAt":"2021-04-14 16:29:41 +00:00","recipientState":"HardBounce","firstName":"B"}
`,
    kind: "events",
    carriesSuppressions: true,
    records: [
      {
        line: 1,
        recordId: "",
        kind: "event",
        userId: null,
        email: "a@x.com",
        updatedAt: null,
        states: [
          { level: "unsubscribed_all", at: parseTime("2021-04-14 16:29:41"), history: true, assumed: true },
        ],
        attributes: {},
      },
      {
        line: 2,
        recordId: "",
        kind: "event",
        userId: "u",
        email: "b@x.com",
        updatedAt: null,
        states: [{ level: "hard_bounce", at: parseTime("2021-04-14 16:29:41") }],
        attributes: {},
      },
    ],
  },
]);

describe("user rows in CSV", () => {
  const everything = [{ level: "unsubscribed_all", at: null, assumed: true }];
  const topics = (...ids: string[]) =>
    ids.map((id) => ({ level: "unsubscribed_topic", at: null, topic: `message_type:${id}` }));

  test.each([
    ["[]", "[]", [{ level: "implied", at: null }]],
    ["", " ", [{ level: "implied", at: null }]],
    ["39581", "", everything],
    ["1,2", "", everything],
    ["1|2", "", everything],
    ["[1", "", everything],
    ["?", "", everything],
    ["", "[1,2]", topics("1", "2")],
    ["", "1|2", topics("1", "2")],
    ["", "3", topics("3")],
    ["", '["4"]', topics("4")],
    ["", "{1}", everything],
    ["[1]", "[2]", [...everything, ...topics("2")]],
  ])("channels %j and message types %j", async (channels, messageTypes, states) => {
    const text = `email\tprofileUpdatedAt\tunsubscribedChannelIds\tunsubscribedMessageTypeIds\na@x.com\t\t${channels}\t${messageTypes.replaceAll('"', '""').replace(/^(.*"".*)$/, '"$1"')}\n`;
    const found = await importText("iterable", "users.csv", text);
    expect(found.rejections).toEqual([]);
    expect(found.records[0]!.states).toEqual(states);
  });
});

describe("event rows", () => {
  const at = parseTime("2021-04-14");
  const all = [{ level: "unsubscribed_all", at, history: true, assumed: true }];
  const hardBounce = [{ level: "hard_bounce", at }];
  const complaint = [{ level: "complaint", at }];
  const topic = (id: string) => ({
    level: "unsubscribed_topic",
    at,
    topic: `message_type:${id}`,
    history: true,
  });

  test.each<[string, Record<string, unknown>, unknown[]]>([
    ["a hard bounce", { recipientState: "hardbounce" }, hardBounce],
    ["a soft bounce", { recipientState: "SoftBounceMailboxFull" }, []],
    ["a block", { recipientState: "MailBlockGeneral" }, []],
    ["a complaint", { recipientState: "Complaint" }, complaint],
    ["a complaint by its type", { _type: "emailComplaint" }, complaint],
    ["an unsubscribe by a hard bounce", { unsubSource: "HardBounce", channelIds: [1, 2] }, hardBounce],
    ["an unsubscribe by a complaint", { unsubSource: "COMPLAINT", channelIds: [1] }, complaint],
    ["an unsubscribe from channels", { unsubSource: "WebApp", channelIds: [1], messageTypeIds: [2] }, all],
    ["an unsubscribe from one channel", { unsubSource: "API", channelId: 5 }, all],
    [
      "an unsubscribe from message types",
      { unsubSource: "API", channelIds: [], messageTypeIds: [2, 3] },
      [topic("2"), topic("3")],
    ],
    ["an unsubscribe from one message type", { unsubSource: "API", messageTypeId: 2 }, [topic("2")]],
    ["a removal from a list", { unsubSource: "Import", emailListIds: [1], channelIds: [] }, []],
    ["an unsubscribe that names nothing", { unsubSource: "SMS" }, all],
    ["an unsubscribe by its type alone", { eventType: "emailUnsubscribe", unsubSource: "" }, all],
    ["channels that cannot be read", { unsubSource: "API", channelIds: "?" }, all],
    ["message types that cannot be read", { unsubSource: "API", messageTypeIds: [{}] }, all],
    ["a subscription", { _type: "emailSubscribe", channelIds: [1] }, []],
    ["an unknown type with a hard bounce", { _type: "new", recipientState: "HardBounce" }, hardBounce],
    ["another event of a mixed export", { campaignId: 1 }, []],
  ])("%s", async (_, fields, states) => {
    const rows = [
      { email: "first@x.com", createdAt: "2021-04-14", unsubSource: "API", recipientState: "" },
      { email: "a@x.com", createdAt: "2021-04-14", ...fields },
    ];
    const found = await importText(
      "iterable",
      "events.ndjson",
      rows.map((row) => JSON.stringify(row)).join("\n"),
    );
    expect(found.kinds).toEqual(["events"]);
    expect(found.records[1]!.states).toEqual(states);
  });

  test("are told from user rows by the keys of the first rows together", async () => {
    const text =
      '{"email":"a@x.com","createdAt":"2021-04-14"}\n{"email":"b@x.com","createdAt":"2021-04-14","recipientState":"HardBounce"}\n';
    expect((await importText("iterable", "x.json", text)).kinds).toEqual(["events"]);
  });
});
