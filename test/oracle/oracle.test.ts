import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { conflictCodes } from "../../contract/merge.ts";
import { printTime, readEmail, readTime } from "./keys.ts";
import { writeNastyExports } from "./nasty-exports.ts";
import { mergeRecords, type OracleOptions, runOracle } from "./oracle.ts";
import { type OracleInput, readSource } from "./source-records.ts";

const folder = mkdtempSync(join(tmpdir(), "oracle-"));
afterAll(() => rmSync(folder, { recursive: true }));

let folders = 0;

type Export = Omit<OracleInput, "file"> & { name: string; content: string | Buffer };

function write(exports: Export[]): OracleInput[] {
  folders += 1;
  return exports.map(({ name, content, ...input }) => {
    const file = join(folder, String(folders), name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    return { ...input, file };
  });
}

const run = (exports: Export[], options?: OracleOptions) => runOracle(write(exports), options);

/** A CSV of another origin, as lines. */
function csv(means: NonNullable<OracleInput["means"]>, ...lines: string[]): Export {
  return { source: "csv", means, name: `${means}.csv`, content: lines.join("\n") };
}

function mailchimp(name: string, ...rows: string[]): Export {
  const header = "Email Address,USER_ID,First Name,UNSUB_TIME,CLEAN_TIME,LAST_CHANGED,LEID,EUID";
  return { source: "mailchimp", name: `${name}_export.csv`, content: [header, ...rows].join("\n") };
}

const ndjson = (name: string, ...rows: object[]): Export => ({
  source: "iterable",
  name: `${name}.ndjson`,
  content: rows.map((row) => JSON.stringify(row)).join("\n"),
});

const rowsOf = (text: string): string[] => text.split("\r\n").slice(1, -1);

const keyOf = (cell: string): string => {
  const reading = readEmail(cell);
  return reading.kind === "good" ? reading.key : reading.kind;
};

describe("email keys", () => {
  test.each([
    ["User@Example.COM", "user@example.com"],
    ["\u200bjo@d.com ", "jo@d.com"],
    ["jo@EXÄMPLE.com", "jo@xn--exmple-cua.com"],
    ["jo@faß.de", "jo@xn--fa-hia.de"],
    ["jo@d.com.", "jo@d.com"],
    ["jo@exa\u00admple.com", "jo@example.com"],
    ["jose\u0301@d.com", "josé@d.com"],
    ["\u212a@d.com", "k@d.com"],
    ["\uff21@d.com", "\uff21@d.com"],
    ["a.b@gmail.com", "a.b@gmail.com"],
    ["a+x@d.com", "a+x@d.com"],
    ["\u00a0Jo Doe < MAILTO: jo@d.com >\t", "jo@d.com"],
    ['"Doe, Jo" <jo@d.com>', "jo@d.com"],
    ['"a@b"@d.com', '"a@b"@d.com'],
    ["İ@d.com", "İ@d.com"],
    ["jo@ＥＸＡＭＰＬＥ.com", "jo@example.com"],
    ["jo@ab--cd.com", "jo@ab--cd.com"],
    [`${"é".repeat(32)}@d.com`, `${"é".repeat(32)}@d.com`],
    ["jo@sub.placeholder.email", "jo@sub.placeholder.email"],
  ])("reads %j as %j", (cell, key) => expect(keyOf(cell)).toBe(key));

  test.each([
    "jo.d.com",
    "jo@@d.com",
    "a@b@d.com",
    "@d.com",
    "jo@",
    "jo@.",
    "j o@d.com",
    "j\u3000o@d.com",
    '"a b"@d.com',
    `${"é".repeat(33)}@d.com`,
    `${"a".repeat(64)}@${"b".repeat(63)}.${"c".repeat(63)}.${"d".repeat(62)}`,
    "jo@d..com",
    "jo@d.com..",
    `jo@${"d".repeat(64)}.com`,
    "jo@a_b.com",
    "jo@-d.com",
    "jo@d-.com",
    "jo@d.com/x",
    "jo@d.com／x",
    "jo@d.com:25",
    "jo@localhost",
    "jo@192.168.0.1",
    "jo@[192.168.0.1]",
    "jo@xn--a.com",
    "jo@אa.com",
    "a@d.com, b@d.com",
    "a@d.com;b@d.com",
    "A <a@d.com>, B <b@d.com>",
  ])("refuses %j", (cell) => expect(keyOf(cell)).toBe("bad"));

  test.each(["", " \u200b", "x@placeholder.email", "X@Placeholder.EMAIL."])(
    "finds no address in %j",
    (cell) => expect(keyOf(cell)).toBe("none"),
  );

  test("takes an address of 254 octets and no longer one", () => {
    const longest = `${"a".repeat(64)}@${"b".repeat(63)}.${"c".repeat(63)}.${"d".repeat(61)}`;
    expect(keyOf(longest)).toBe(longest);
    expect(keyOf(`${longest}d`)).toBe("bad");
  });
});

describe("times", () => {
  test.each([
    ["2024-01-02", "2024-01-02T00:00:00Z"],
    ["2024-01-02 03:04:05", "2024-01-02T03:04:05Z"],
    ["2021-04-14 16:29:41 +00:00", "2021-04-14T16:29:41Z"],
    ["2024-01-02T00:04:05.5+02:00", "2024-01-01T22:04:05.500Z"],
    ["2024-01-01T20:00:00-06:00", "2024-01-02T02:00:00Z"],
    ["2023-07-28T13:26:48.852051+00:00", "2023-07-28T13:26:48.852051Z"],
    ["1618418908001", "2021-04-14T16:48:28.001Z"],
  ])("reads %j as %j", (cell, printed) => expect(printTime(readTime(cell)!)).toBe(printed));

  test.each(["", "soon", "2023-02-30", "0000-00-00 00:00:00", "2024-01-02 25:00:00"])(
    "cannot read %j",
    (cell) => expect(readTime(cell)).toBeNull(),
  );
});

describe("persons", () => {
  test("user ids are exact text: 007 is not 7, Abc is not abc", () => {
    const { summary, people, conflicts } = run([
      csv("profiles", "user_id,email", "007,a@x.com", "7,b@x.com", "Abc,c@x.com", "abc,d@x.com"),
    ]);
    expect(rowsOf(people).map((row) => row.split(",")[0])).toEqual(["id:007", "id:7", "id:Abc", "id:abc"]);
    expect(summary.persons).toBe(4);
    expect(conflicts).toEqual(["ID_CASE_TWIN:abc"]);
  });

  test("nothing joins through a second hop", () => {
    const { people, conflicts } = run([
      csv("profiles", "user_id,email", "1,a@x.com", "1,b@x.com", "2,b@x.com"),
    ]);
    expect(rowsOf(people)).toEqual(["id:1,1,a@x.com,b@x.com,false,,csv,2", "id:2,2,,b@x.com,false,,csv,1"]);
    expect(conflicts).toEqual(["EMAIL_MANY_IDS:b@x.com", "ID_MANY_EMAILS:1"]);
  });

  test("a row without an id joins the only person of its address, or is a lead", () => {
    const { people, summary, conflicts } = run([
      csv(
        "profiles",
        "user_id,email",
        "1,a@x.com",
        ",A@x.com",
        ",lead@x.com",
        "1,c@x.com",
        "2,c@x.com",
        ",c@x.com",
      ),
    ]);
    expect(rowsOf(people)).toEqual([
      "email:c@x.com,,,c@x.com,false,,csv,1",
      "email:lead@x.com,,lead@x.com,,false,,csv,1",
      "id:1,1,a@x.com,c@x.com,false,,csv,3",
      "id:2,2,,c@x.com,false,,csv,1",
    ]);
    expect(summary).toMatchObject({ records: 6, persons: 2, leads: 2, addresses: 3 });
    expect(conflicts).toEqual([
      "AMBIGUOUS_EMAIL:c@x.com",
      "EMAIL_CASE_TWIN:a@x.com",
      "EMAIL_MANY_IDS:c@x.com",
      "ID_MANY_EMAILS:1",
    ]);
  });

  test("the newest record names the primary address, then the source, then the smallest key", () => {
    const map = { user_id: "id", email: "mail", updated_at: "changed" };
    const file = (...lines: string[]): Export => ({ ...csv("profiles", "id,mail,changed", ...lines), map });
    const primary = (exports: Export[], options?: OracleOptions): string =>
      rowsOf(run(exports, options).people)[0]!.split(",")[2]!;
    expect(primary([file("1,a@x.com,2024-01-01", "1,b@x.com,2024-01-02", "1,c@x.com,")])).toBe("b@x.com");
    expect(primary([file("1,b@x.com,2024-01-02", "1,a@x.com,2024-01-02T02:00:00+02:00")])).toBe("a@x.com");
    const tie = [file("1,a@x.com,2024-01-01"), mailchimp("subscribed", "b@x.com,1,,,,2024-01-01,1,")];
    expect(primary(tie)).toBe("b@x.com");
    expect(primary(tie, { sourcePriority: ["csv", "mailchimp", "klaviyo", "iterable"] })).toBe("a@x.com");
  });

  test("an id on the block list or with more than five addresses is ignored, one with five is not", () => {
    const rows = (id: string, count: number): string[] =>
      Array.from({ length: count }, (_, i) => `${id},${id}-${i}@x.com`);
    const { summary, conflicts } = run([
      csv(
        "profiles",
        "user_id,email",
        ...rows("five", 5),
        ...rows("six", 6),
        "NULL,n@x.com",
        "0-0,n@x.com",
        "six,",
      ),
    ]);
    expect(summary).toMatchObject({ persons: 1, leads: 7, rejected: 1 });
    expect(conflicts).toEqual([
      "ID_BLOCKED:0-0",
      "ID_BLOCKED:NULL",
      "ID_BLOCKED:six",
      "ID_MANY_EMAILS:five",
      "NO_IDENTIFIER:csv/*",
    ]);
  });

  test("items in a list cell escape the bar and the backslash", () => {
    const { suppressions } = run([csv("unsubscribed", "user_id,email", "a|b,a@x.com", "c\\d,a@x.com")]);
    expect(rowsOf(suppressions)).toEqual(["a@x.com,unsubscribed_all,direct,a\\|b|c\\\\d,csv,,"]);
  });
});

describe("rows without usable keys", () => {
  test("a bad address is dropped while a good id stays, and its opt-out still binds the person", () => {
    const { people, suppressions, conflicts } = run([
      mailchimp("unsubscribed", "nonsense,1,,2024-01-01 00:00:00,,,100,"),
      mailchimp("subscribed", "a@x.com,1,,,,,101,"),
    ]);
    expect(rowsOf(people)).toEqual(["id:1,1,a@x.com,,true,unsubscribed_all,mailchimp,2"]);
    expect(rowsOf(suppressions)).toEqual([
      "a@x.com,unsubscribed_all,person,1,mailchimp,2024-01-01T00:00:00Z,2024-01-01T00:00:00Z",
    ]);
    expect(conflicts).toEqual(["BAD_EMAIL:mailchimp/100", "CONSENT_CONFLICT:id:1"]);
  });

  test("a row with neither key is rejected under every code that fits", () => {
    const { summary, conflicts } = run([
      mailchimp("cleaned", "nonsense,null,,,,,7,", ",,,,,,8,", ",,,,,,8,"),
    ]);
    expect(summary).toMatchObject({ records: 0, rejected: 3, persons: 0, leads: 0 });
    expect(conflicts).toEqual([
      "BAD_EMAIL:mailchimp/7",
      "ID_BLOCKED:null",
      // The two rows that share LEID 8 have the same content, hence the same fallback id.
      "NO_IDENTIFIER:mailchimp/*",
      "NO_IDENTIFIER:mailchimp/7",
    ]);
  });

  test("a placeholder address is no address and no bad one", () => {
    const { people, conflicts } = run([
      ndjson("users", { email: "u1@placeholder.email", userId: "u1", signupDate: "" }),
    ]);
    expect(rowsOf(people)).toEqual(["id:u1,u1,,,false,,iterable,1"]);
    expect(conflicts).toEqual([]);
  });
});

describe("consent", () => {
  test("a hard bounce binds its address and nobody's other address", () => {
    const { people, suppressions } = run([
      mailchimp("cleaned", "old@x.com,1,,,2024-02-01 00:00:00,,1,"),
      mailchimp("subscribed", "new@x.com,1,,,,2024-01-01,2,"),
    ]);
    expect(rowsOf(suppressions).map((row) => row.split(",").slice(0, 3))).toEqual([
      ["old@x.com", "hard_bounce", "direct"],
    ]);
    expect(rowsOf(people)).toEqual(["id:1,1,old@x.com,new@x.com,false,,mailchimp,2"]);
  });

  test("an opt-out binds every address of the person", () => {
    const { suppressions } = run([
      csv("unsubscribed", "user_id,email", "1,a@x.com"),
      csv("profiles", "user_id,email", "1,b@x.com"),
    ]);
    expect(rowsOf(suppressions)).toEqual([
      "a@x.com,unsubscribed_all,direct,1,csv,,",
      "b@x.com,unsubscribed_all,person,1,csv,,",
    ]);
  });

  test("a level goes one step: from an address to its claimants and their addresses, no further", () => {
    const { people, suppressions } = run([
      csv("complained", "email", "b@x.com"),
      csv("profiles", "user_id,email", "1,b@x.com", "2,b@x.com", "2,c@x.com", "3,c@x.com", "3,d@x.com"),
    ]);
    expect(
      rowsOf(people)
        .map((row) => row.split(","))
        .map((cells) => `${cells[0]} ${cells[5]}`),
    ).toEqual(["email:b@x.com complaint", "id:1 complaint", "id:2 complaint", "id:3 "]);
    expect(rowsOf(suppressions)).toEqual([
      "b@x.com,complaint,direct,1|2,csv,,",
      "c@x.com,complaint,person,2|3,csv,,",
    ]);
  });

  test("a direct row keeps its own level, a person row takes the strongest of its claimants", () => {
    const map = { user_id: "id", email: "mail", at: "when" };
    const { suppressions } = run([
      {
        ...csv(
          "unsubscribed",
          "id,mail,when",
          "1,a@x.com,2024-01-01 00:00:00.000001",
          "2,c@x.com,2024-03-01",
        ),
        map,
      },
      { ...csv("complained", "id,mail,when", "1,b@x.com,2024-02-01", "2,b@x.com,"), map },
      csv("profiles", "user_id,email", "1,p@x.com", "2,p@x.com"),
    ]);
    expect(rowsOf(suppressions)).toEqual([
      "a@x.com,unsubscribed_all,direct,1,csv,2024-01-01T00:00:00.000001Z,2024-01-01T00:00:00.000001Z",
      "b@x.com,complaint,direct,1|2,csv,2024-02-01T00:00:00Z,2024-02-01T00:00:00Z",
      "c@x.com,unsubscribed_all,direct,2,csv,2024-03-01T00:00:00Z,2024-03-01T00:00:00Z",
      "p@x.com,complaint,person,1|2,csv,2024-01-01T00:00:00.000001Z,2024-03-01T00:00:00Z",
    ]);
  });

  test("an opt-in lifts nothing, whatever its time, and is shown as a conflict", () => {
    const klaviyo: Export = {
      source: "klaviyo",
      name: "list.csv",
      content: [
        "Email,Email Marketing Consent,Email Marketing Consent Timestamp,Email Suppressions",
        "a@x.com,SUBSCRIBED,2024-01-01 00:00:00,UNSUBSCRIBE",
        "b@x.com,SUBSCRIBED,2024-01-01 00:00:00,HARD_BOUNCE; INVALID_EMAIL",
        'c@x.com,NEVER_SUBSCRIBED,,"[""SPAM_COMPLAINT"",""HARD_BOUNCE""]"',
        "d@x.com,NEVER_SUBSCRIBED,,SOMETHING_NEW",
        "e@x.com,UNSUBSCRIBED,2024-01-02T00:00:00.5Z,[]",
      ].join("\n"),
    };
    const { people, suppressions, conflicts } = run([klaviyo]);
    expect(rowsOf(suppressions)).toEqual([
      "a@x.com,unsubscribed_all,direct,,klaviyo,,",
      "b@x.com,hard_bounce,direct,,klaviyo,,",
      "c@x.com,complaint,direct,,klaviyo,,",
      "d@x.com,manual,direct,,klaviyo,,",
      "e@x.com,unsubscribed_all,direct,,klaviyo,2024-01-02T00:00:00.500Z,2024-01-02T00:00:00.500Z",
    ]);
    expect(rowsOf(people)[1]).toBe("email:b@x.com,,b@x.com,,false,,klaviyo,1");
    expect(conflicts).toEqual(["CONSENT_CONFLICT:email:a@x.com", "CONSENT_CONFLICT:email:b@x.com"]);
  });

  test("an unsubscribe event is history where the source has a user row, a bounce or complaint never", () => {
    const at = "2024-05-01 00:00:00 +00:00";
    const event = (email: string | null, fields: object): object => ({ email, createdAt: at, ...fields });
    const optOut = { unsubSource: "EmailLink", channelIds: [1] };
    const { suppressions, conflicts } = run([
      ndjson(
        "users",
        { email: "known@x.com", userId: "1", profileUpdatedAt: at, unsubscribedChannelIds: [] },
        { email: "off@x.com", profileUpdatedAt: at, unsubscribedChannelIds: [9007199254740993n].map(String) },
        { email: "topic@x.com", profileUpdatedAt: at, unsubscribedMessageTypeIds: [4] },
      ),
      ndjson(
        "events",
        event("known@x.com", { recipientState: "SoftBounceGeneral" }),
        event("known@x.com", optOut),
        event(null, { ...optOut, userId: "1" }),
        event("gone@x.com", optOut),
        event("other@x.com", { ...optOut, userId: "2" }),
        event("list@x.com", { unsubSource: "Import", emailListIds: [3], channelIds: [] }),
        event("type@x.com", { unsubSource: "EmailLink", messageTypeIds: [3] }),
        event("topic@x.com", { unsubSource: "HardBounce", channelIds: [1] }),
        event("spam@x.com", { recipientState: "Complaint" }),
      ),
    ]);
    const time = "2024-05-01T00:00:00Z,2024-05-01T00:00:00Z";
    expect(rowsOf(suppressions)).toEqual([
      `gone@x.com,unsubscribed_all,direct,,iterable,${time}`,
      "off@x.com,unsubscribed_all,direct,,iterable,,",
      `other@x.com,unsubscribed_all,direct,2,iterable,${time}`,
      `spam@x.com,complaint,direct,,iterable,${time}`,
      `topic@x.com,hard_bounce,direct,,iterable,${time}`,
    ]);
    // Profiles with an opt-out of their own are not implied as well, so no other address is at odds with itself.
    expect(conflicts).toEqual([]);
  });

  test("an unsubscribe event without a usable address counts where no user row has its id", () => {
    const { people } = run([
      ndjson("events", {
        email: "u@placeholder.email",
        userId: "9",
        createdAt: "x",
        unsubSource: "API",
        channelIds: [1],
      }),
    ]);
    expect(rowsOf(people)).toEqual(["id:9,9,,,true,unsubscribed_all,iterable,1"]);
  });
});

describe("attributes", () => {
  test("standard names are one attribute, bookkeeping never conflicts, an empty value is none", () => {
    const klaviyo: Export = {
      source: "klaviyo",
      name: "list.csv",
      content:
        "Email,External ID,First Name,Plan,plan,Source,Email Suppressions\na@x.com,1,Jo,,p2,web,\na@x.com,1,Jo,,p2,app,",
    };
    const { conflicts } = run([
      klaviyo,
      mailchimp("subscribed", "a@x.com,1,'=Jo,,,2024-01-01 00:00:00,1,"),
      csv("profiles", "user_id,Given-Name,Plan", "1,,p1"),
    ]);
    expect(conflicts).toEqual(["ATTR_CONFLICT:id:1/first_name"]);
  });
});

test("of two columns with the same header the first counts", () => {
  const { conflicts } = run([
    csv("profiles", "user_id,Plan,Plan,user_id", "1,gold,silver,2", "1,gold,bronze,3", "1,,tin,4"),
  ]);
  expect(conflicts).toEqual([]);
});

test("an event brings neither attributes nor an update time", () => {
  const { people, conflicts } = run([
    ndjson("users", { email: "a@x.com", userId: "1", firstName: "Jo", profileUpdatedAt: "2020-01-01" }),
    ndjson("events", {
      email: "b@x.com",
      userId: "1",
      createdAt: "2024-01-01",
      recipientState: "SoftBounceGeneral",
      firstName: "Eve",
      profileUpdatedAt: "2024-01-01",
    }),
  ]);
  expect(rowsOf(people)).toEqual(["id:1,1,a@x.com,b@x.com,false,,iterable,2"]);
  expect(conflicts).toEqual(["ID_MANY_EMAILS:1"]);
});

describe("files", () => {
  test("a spreadsheet guard is removed from every cell, an apostrophe that guards nothing stays", () => {
    const { people, conflicts } = run([
      csv("profiles", "user_id,email,Plan", "'-1,'+a@x.com,'=1", ",+a@x.com,=1", "'7,'b@x.com,"),
    ]);
    expect(rowsOf(people)).toEqual([
      "email:+a@x.com,,+a@x.com,,false,,csv,2",
      "id:'7,'7,'b@x.com,,false,,csv,1",
    ]);
    expect(conflicts).toEqual(["ID_BLOCKED:-1"]);
  });

  test("a row that cannot be read is rejected with the line on which it starts", () => {
    const content = Buffer.concat([
      Buffer.from("\ufeffuser_id;email\r\n1;a@x.com\r\n\r\n2;b@x.com;more\r\n3\r\n", "utf8"),
      Buffer.from('"4\nof two lines";"d@x.com"\r\n5;', "utf8"),
      Buffer.from([0xe9]),
      Buffer.from('@x.com\r\n6;"f@x.com', "utf8"),
    ]);
    const { summary, rejectedRows } = run([{ ...csv("profiles"), content }]);
    expect(rejectedRows.map(({ line }) => line)).toEqual([3, 4, 5, 8, 9]);
    expect(summary).toMatchObject({ records: 2, rejected: 5 });
  });

  test("broken NDJSON lines are rejected, blank ones are none, long numbers keep their digits", () => {
    const { people, rejectedRows } = run([
      {
        source: "iterable",
        name: "users.ndjson",
        content: '{"email":"a@x.com","userId":9007199254740993,"signupDate":"2020"}\n\n{"email":\n[1]\n\n',
      },
    ]);
    expect(rowsOf(people)).toEqual(["id:9007199254740993,9007199254740993,a@x.com,,false,,iterable,1"]);
    expect(rejectedRows.map(({ line }) => line)).toEqual([3, 4]);
  });

  test("UTF-16 with a BOM, TAB and CR are read", () => {
    const text = "\ufeffuser_id\temail\r1\tjö@x.com\r\r";
    const bigEndian = Buffer.from(text, "utf16le").swap16();
    for (const content of [Buffer.from(text, "utf16le"), bigEndian]) {
      const { people } = run([{ ...csv("profiles"), content }]);
      expect(rowsOf(people)).toEqual(["id:1,1,jö@x.com,,false,,csv,1"]);
    }
  });

  test("a file that it does not recognise is refused", () => {
    expect(() => run([{ ...csv("profiles", "one,two", "1,2") }])).toThrow("it has one, two");
    expect(() => run([{ source: "klaviyo", name: "x.csv", content: "Email\na@x.com" }])).toThrow("klaviyo");
  });
});

test("all ten codes are counted, zeros too, and rows are in code-point order", () => {
  const { summary, people } = run([csv("profiles", "email", "\ue000@x.com", "😀@x.com", "z@x.com")]);
  expect(Object.keys(summary.conflicts)).toEqual([...conflictCodes]);
  expect(rowsOf(people).map((row) => row.split(",")[0])).toEqual([
    "email:z@x.com",
    "email:\ue000@x.com",
    "email:😀@x.com",
  ]);
});

test("the order of files and rows does not matter", async () => {
  const inputs = await writeNastyExports(join(folder, "order"), { people: 300, seed: 7 });
  const records = inputs.flatMap((input) => readSource(input).records);
  const backwards = mergeRecords([...records].reverse(), 0);
  const byContent = mergeRecords(
    [...records].sort((a, b) => (a.content < b.content ? -1 : 1)),
    0,
  );
  const { rejectedRows, ...asWritten } = runOracle(inputs);
  const { rejectedRows: alsoRejected, ...filesReversed } = runOracle([...inputs].reverse());
  expect(backwards).toEqual(byContent);
  expect(filesReversed).toEqual(asWritten);
  expect({ ...asWritten, summary: { ...asWritten.summary, rejected: backwards.summary.rejected } }).toEqual(
    backwards,
  );
  expect(alsoRejected).toHaveLength(rejectedRows.length);
});
