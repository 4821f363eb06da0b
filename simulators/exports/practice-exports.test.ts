import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import Papa from "papaparse";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import yauzl from "yauzl";
import { type PracticeExport, writePracticeExports } from "./practice-exports.ts";

const folder = mkdtempSync(join(tmpdir(), "practice-exports-"));
afterAll(() => rmSync(folder, { recursive: true }));

interface Row {
  userId: string;
  /** Trimmed and unwrapped; the spelling of the file. */
  email: string;
  city: string;
  suppressing: boolean;
  level: string;
}

interface ReadBack {
  exports: PracticeExport[];
  /** By file name, ZIP entries apart. */
  tables: Map<string, { header: string[]; rows: Record<string, string>[] }>;
  objects: Map<string, Record<string, unknown>[]>;
  rows: number;
  unreadable: string[];
  records: Row[];
}

describe("export files for practice", () => {
  let at2000: ReadBack;
  let at200: ReadBack;
  beforeAll(async () => {
    at2000 = await readBack(await writePracticeExports(join(folder, "2000"), { people: 2000, seed: 1 }));
    at200 = await readBack(await writePracticeExports(join(folder, "200"), { people: 200, seed: 1 }));
  });

  test("are the same bytes for the same seed, and others for another", async () => {
    await writePracticeExports(join(folder, "again"), { people: 200, seed: 1 });
    await writePracticeExports(join(folder, "other"), { people: 200, seed: 2 });
    expect(digests("again")).toEqual(digests("200"));
    expect(digests("other")).not.toEqual(digests("200"));
  });

  test("hold exactly the rows that they declare", () => {
    for (const read of [at2000, at200]) {
      expect(read.rows).toBe(read.exports.reduce((sum, { rows }) => sum + rows, 0));
    }
  });

  test("name the meaning of the one file that does not say it", () => {
    expect(at2000.exports.map(({ source, means }) => [source, means])).toEqual([
      ["mailchimp", undefined],
      ["klaviyo", undefined],
      ["iterable", undefined],
      ["csv", "manual"],
    ]);
  });

  test("carry Mailchimp's file names and columns in Mailchimp's order", () => {
    const zip = basename(at2000.exports[0]!.files[0]!);
    const hash = /^audience_export_([0-9a-f]{10})\.zip$/.exec(zip)![1];
    const shared =
      "Email Address,First Name,Last Name,Company,City,Phone Number,Plan,USER_ID,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,GMTOFF,DSTOFF,TIMEZONE,CC,REGION";
    const header = (state: string) =>
      at2000.tables.get(`${state}_email_audience_export_${hash}.csv`)!.header.join();
    expect(header("subscribed")).toBe(`${shared},LAST_CHANGED,LEID,EUID,NOTES,TAGS`);
    expect(header("nonsubscribed")).toBe(`${shared},LAST_CHANGED,LEID,EUID,NOTES,TAGS`);
    expect(header("unsubscribed")).toBe(
      `${shared},UNSUB_TIME,UNSUB_CAMPAIGN_TITLE,UNSUB_CAMPAIGN_ID,UNSUB_REASON,UNSUB_REASON_OTHER,LEID,EUID,NOTES,TAGS`,
    );
    expect(header("cleaned")).toBe(
      `${shared},CLEAN_TIME,CLEAN_CAMPAIGN_TITLE,CLEAN_CAMPAIGN_ID,LEID,EUID,NOTES,TAGS`,
    );
  });

  test("quote Mailchimp's tags one by one and guard its telephone numbers", () => {
    const members = [...at2000.tables].flatMap(([name, table]) =>
      name.includes("_email_") ? table.rows : [],
    );
    const tags = members.map((row) => row.TAGS!).filter((cell) => cell !== "");
    expect(tags).toContain('"VIP","Blog"');
    for (const cell of tags) expect(cell).toMatch(/^"[^"]+"(,"[^"]+")*$/);
    expect(members.some((row) => row.NOTES!.includes("\n"))).toBe(true);
    for (const row of members) expect(row["Phone Number"]).toMatch(/^('\+\d+)?$/);
  });

  test("carry Klaviyo's columns, with one reason and with several in a cell", () => {
    const { header, rows } = at2000.tables.get("klaviyo_newsletter_list.csv")!;
    expect(header.slice(0, 3)).toEqual(["Email", "Klaviyo ID", "External ID"]);
    expect(header).toContain("State / Region");
    expect(header).toContain("Email Marketing Consent Timestamp");
    expect(header.slice(-2)).toEqual(["Email Suppressions", "Plan"]);
    const reasons = new Set(rows.map((row) => row["Email Suppressions"]));
    expect(reasons).toContain("HARD_BOUNCE");
    expect([...reasons].some((cell) => cell?.includes(", "))).toBe(true);
  });

  test("carry both shapes of Iterable's unsubscribe event, and soft bounces beside hard ones", () => {
    const unsubscribes = at2000.objects.get("iterable_emailUnSubscribe.ndjson")!;
    const listRemoval = unsubscribes.find((event) => event.unsubSource === "Import")!;
    expect(listRemoval.emailListIds).toHaveLength(1);
    expect(listRemoval.channelIds).toEqual([]);
    expect(listRemoval).not.toHaveProperty("messageId");
    const hardBounce = unsubscribes.find((event) => event.unsubSource === "HardBounce")!;
    expect(hardBounce).toMatchObject({ emailListIds: [], recipientState: "HardBounce", status: "5.1.1" });
    const bounces = at2000.objects.get("iterable_emailBounce.ndjson")!;
    expect(new Set(bounces.map((event) => event.recipientState))).toEqual(
      new Set(["HardBounce", "SoftBounceMailboxFull"]),
    );
    expect(at2000.objects.get("iterable_emailComplaint.ndjson")!.length).toBeGreaterThan(0);
  });

  test("have three unreadable rows, and what these say stands on other rows too", () => {
    for (const read of [at2000, at200]) {
      expect(read.unreadable).toHaveLength(3);
      const known = new Set(read.records.filter(({ suppressing }) => suppressing).map(({ email }) => email));
      const [torn, ...typed] = read.unreadable;
      const unsubscribed = read.objects.get("iterable_emailUnSubscribe.ndjson")!;
      expect(unsubscribed.some((event) => JSON.stringify(event).startsWith(torn!))).toBe(true);
      for (const row of typed) {
        const address = /[^\s<,"]+@[^\s>,"]+/.exec(row)?.[0];
        if (address !== undefined) expect(known).toContain(address);
      }
    }
  });

  test("bring forth every conflict code, at 200 people as well", () => {
    for (const read of [at2000, at200]) {
      for (const [code, count] of Object.entries(conflicts(read.records))) {
        expect(count, code).toBeGreaterThan(0);
      }
    }
  });

  test("bring forth every level that files can express, at 200 people as well", () => {
    for (const read of [at2000, at200]) {
      expect([...new Set(read.records.map(({ level }) => level))].sort()).toEqual([
        "complaint",
        "explicit_opt_in",
        "hard_bounce",
        "implied",
        "manual",
        "unknown",
        "unsubscribed_all",
        "unsubscribed_topic",
      ]);
    }
  });

  test("have the proportions of a real company", () => {
    const { records } = at2000;
    const addresses = new Set(records.map(({ email }) => email.toLowerCase()));
    const suppressed = new Set(
      records.filter(({ suppressing }) => suppressing).map(({ email }) => email.toLowerCase()),
    );
    const share = (part: number, whole: number): number => Math.round((100 * part) / whole);
    expect(share(suppressed.size, addresses.size)).toBeGreaterThanOrEqual(11);
    expect(share(suppressed.size, addresses.size)).toBeLessThanOrEqual(13);
    const counts = conflicts(records);
    expect(share(counts.EMAIL_MANY_IDS, addresses.size)).toBe(2);
    const userIds = new Set(records.map(({ userId }) => userId));
    expect(share(counts.ID_MANY_EMAILS, userIds.size)).toBe(3);
    expect(counts.ID_BLOCKED).toBe(4);
  });

  test("hold no suppressing row that has neither key, which would lock every practice gate", () => {
    for (const read of [at2000, at200]) {
      const lost = read.records.filter(({ userId, email }) => blocked(userId) && !isGoodEmail(email));
      expect(lost.length).toBeGreaterThan(0);
      expect(lost.filter(({ suppressing }) => suppressing)).toEqual([]);
    }
  });
});

function digests(name: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(join(folder, name)).map((file) => [
      file,
      createHash("sha256")
        .update(readFileSync(join(folder, name, file)))
        .digest("hex"),
    ]),
  );
}

async function readBack(exports: PracticeExport[]): Promise<ReadBack> {
  const read: ReadBack = {
    exports,
    tables: new Map(),
    objects: new Map(),
    rows: 0,
    unreadable: [],
    records: [],
  };
  for (const { source, files } of exports) {
    for (const file of files) {
      if (file.endsWith(".zip")) {
        for (const [name, text] of await unzip(file)) readTable(read, source, name, text);
      } else if (file.endsWith(".ndjson")) readObjects(read, basename(file), readFileSync(file, "utf8"));
      else readTable(read, source, basename(file), readFileSync(file, "utf8"));
    }
  }
  return read;
}

function readTable(read: ReadBack, source: string, name: string, text: string): void {
  const [header, ...lines] = Papa.parse<string[]>(text.replace(/^\uFEFF/, "").trimEnd()).data;
  const rows: Record<string, string>[] = [];
  for (const cells of lines) {
    read.rows += 1;
    if (cells.length === header!.length)
      rows.push(Object.fromEntries(header!.map((key, at) => [key, cells[at]!])));
    else read.unreadable.push(cells.join());
  }
  read.tables.set(name, { header: header!, rows });
  for (const row of rows) {
    const level =
      source === "mailchimp"
        ? mailchimpLevels[name.split("_")[0]!]!
        : source === "klaviyo"
          ? klaviyoLevel(row)
          : "manual";
    read.records.push({
      userId: row.USER_ID ?? row["External ID"] ?? row["Customer ID"] ?? "",
      email: (row["Email Address"] ?? row.Email!).replace(/.*<(.*)>/, "$1").trim(),
      city: row.City ?? "",
      level,
      suppressing: suppressingLevels.includes(level),
    });
  }
}

function readObjects(read: ReadBack, name: string, text: string): void {
  const objects: Record<string, unknown>[] = [];
  for (const line of text.trimEnd().split("\n")) {
    read.rows += 1;
    try {
      objects.push(JSON.parse(line));
    } catch {
      read.unreadable.unshift(line);
    }
  }
  read.objects.set(name, objects);
  for (const object of objects) {
    const level = name.endsWith("_user.ndjson") ? userLevel(object) : eventLevel(object);
    const text = (key: string): string => (object[key] as string | undefined) ?? "";
    read.records.push({
      userId: text("userId"),
      email: text("email"),
      city: text("city"),
      level,
      suppressing: suppressingLevels.includes(level),
    });
  }
}

const suppressingLevels = ["complaint", "hard_bounce", "manual", "unsubscribed_all"];
const mailchimpLevels: Record<string, string> = {
  subscribed: "implied",
  unsubscribed: "unsubscribed_all",
  cleaned: "hard_bounce",
  nonsubscribed: "unknown",
};

function klaviyoLevel(row: Record<string, string>): string {
  const suppressions = row["Email Suppressions"]!;
  if (suppressions.includes("SPAM_COMPLAINT")) return "complaint";
  if (suppressions.includes("HARD_BOUNCE") || suppressions.includes("INVALID_EMAIL")) return "hard_bounce";
  if (suppressions.includes("USER_SUPPRESSED")) return "manual";
  if (row["Email Marketing Consent"] === "UNSUBSCRIBED") return "unsubscribed_all";
  return row["Email Marketing Consent"] === "SUBSCRIBED" ? "explicit_opt_in" : "unknown";
}

function userLevel(user: Record<string, unknown>): string {
  if ((user.unsubscribedChannelIds as number[]).length > 0) return "unsubscribed_all";
  return (user.unsubscribedMessageTypeIds as number[]).length > 0 ? "unsubscribed_topic" : "implied";
}

/** Bounces and complaints count; the rest is history beside the user row. */
function eventLevel(event: Record<string, unknown>): string {
  if (event.recipientState === "Complaint") return "complaint";
  return event.recipientState === "HardBounce" ? "hard_bounce" : "implied";
}

function blocked(userId: string): boolean {
  return ["", "null", "0", "test", "guest-checkout"].includes(userId);
}

function isGoodEmail(email: string): boolean {
  return /^[^@\s,]+@[^@\s,]+$/.test(email) && !email.includes("..") && !email.endsWith("@placeholder.email");
}

/** A plain reading of merge-rules §6 that is enough to say whether a kind is there. */
function conflicts(records: Row[]) {
  const usable = records.filter(({ email }) => isGoodEmail(email));
  const key = (email: string): string => email.toLowerCase().replace("bücher", "xn--bcher-kva");
  const group = (pairs: [string, string][]): Map<string, Set<string>> => {
    const groups = new Map<string, Set<string>>();
    for (const [name, value] of pairs) groups.set(name, (groups.get(name) ?? new Set()).add(value));
    return groups;
  };
  const many = (groups: Map<string, Set<string>>, limit = 1): string[] =>
    [...groups].filter(([, values]) => values.size > limit).map(([name]) => name);
  const identified = records.filter(({ userId }) => !blocked(userId));
  const emailsOfId = group(usable.map(({ userId, email }) => [userId, key(email)]));
  const idsOfEmail = group(
    usable.filter(({ userId }) => !blocked(userId)).map(({ userId, email }) => [key(email), userId]),
  );
  const contested = many(idsOfEmail);
  const suppressedIds = new Set(
    identified.filter(({ suppressing }) => suppressing).map(({ userId }) => userId),
  );
  const optedInIds = identified.filter(({ level }) => level === "implied" || level === "explicit_opt_in");
  return {
    ID_MANY_EMAILS: many(emailsOfId).filter((userId) => !blocked(userId)).length,
    EMAIL_MANY_IDS: contested.length,
    AMBIGUOUS_EMAIL: usable.filter(({ userId, email }) => userId === "" && contested.includes(key(email)))
      .length,
    CONSENT_CONFLICT: optedInIds.filter(({ userId }) => suppressedIds.has(userId)).length,
    ATTR_CONFLICT: many(
      group(identified.filter(({ city }) => city !== "").map(({ userId, city }) => [userId, city])),
    ).length,
    ID_CASE_TWIN: many(group(identified.map(({ userId }) => [userId.toLowerCase(), userId]))).length,
    EMAIL_CASE_TWIN: many(group(usable.map(({ email }) => [key(email), email]))).length,
    ID_BLOCKED: [...emailsOfId.keys()].filter((userId) => userId !== "" && blocked(userId)).length,
    BAD_EMAIL: records.filter(
      ({ email }) => email !== "" && !email.endsWith("@placeholder.email") && !isGoodEmail(email),
    ).length,
    NO_IDENTIFIER: records.filter(({ userId, email }) => blocked(userId) && !isGoodEmail(email)).length,
    QUARANTINED: (emailsOfId.get("guest-checkout")?.size ?? 0) > 5 ? 1 : 0,
  };
}

function unzip(file: string): Promise<[string, string][]> {
  return new Promise((resolve, reject) => {
    const entries: [string, string][] = [];
    yauzl.open(file, { lazyEntries: true }, (openError, zip) => {
      if (openError) return reject(openError);
      zip.on("end", () => resolve(entries));
      zip.on("entry", (entry: yauzl.Entry) => {
        zip.openReadStream(entry, (readError, stream) => {
          if (readError) return reject(readError);
          const pieces: Buffer[] = [];
          stream.on("data", (piece: Buffer) => pieces.push(piece));
          stream.on("end", () => {
            entries.push([entry.fileName, Buffer.concat(pieces).toString("utf8")]);
            zip.readEntry();
          });
        });
      });
      zip.readEntry();
    });
  });
}
