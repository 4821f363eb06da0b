/**
 * Writes a folder of export files that look like the vendors' own and hold every trap of merge-rules and
 * interfaces §4 that the two pages decide. What they leave open is left out on purpose.
 */
import { createWriteStream } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { ZipFile } from "yazl";
import { trimEnds } from "./keys.ts";
import { csvFile, type Dialect, exactNumber, ndjsonFile } from "./nasty-files.ts";
import * as values from "./nasty-values.ts";
import { Random } from "./random.ts";
import type { OracleInput } from "./source-records.ts";

/** Somebody who turns up in several exports. */
interface Person {
  number: number;
  /** Empty for a lead. */
  userId: string;
  addresses: string[];
  firstName: string;
  lastName: string;
}

/** One row to be written to some export: who it speaks of, in the words of that export. */
interface Mention {
  person: Person;
  userId: string;
  email: string;
  /** Set where the row could not be told apart from others otherwise. */
  mark: string;
  /** The case is lost in an export without user ids. */
  needsId?: true;
}

type Cells = Record<string, string>;

interface Export extends Omit<OracleInput, "file"> {
  /** Path inside the folder, or inside the ZIP. */
  name: string;
  zip?: string;
  dialect: Dialect;
  /** Share of all mentions that go here. */
  weight: number;
  /** It has no column for a user id. */
  anonymous?: true;
  headers?: string[];
  row: (maker: RowMaker, mention: Mention) => Cells | object;
}

/**
 * @param options.people how many people to invent, at least 50; the files hold about three rows for each
 * @param options.seed the same people and seed give the same bytes
 * @returns what to import, in no special order
 */
export async function writeNastyExports(
  folder: string,
  options: { people: number; seed: number },
): Promise<OracleInput[]> {
  const random = new Random(options.seed);
  const maker = new RowMaker(random);
  const rowsOf = new Map(exports.map((file) => [file, [] as (Cells | object)[]]));
  const lots = exports.flatMap((file) => Array.from({ length: file.weight }, () => file));
  const mentions = inventMentions(random, options.people);
  mentions.forEach((mention, index) => {
    // Every export gets its first row before chance takes over.
    let file = exports[index] ?? random.pick(lots);
    while (mention.needsId && file.anonymous) file = random.pick(lots);
    const row = file.row(maker, mention);
    rowsOf.get(file)!.push(row);
    const isPlain = mention.mark === "" && file.headers !== undefined;
    if (isPlain && random.chance(0.01)) rowsOf.get(file)!.push(row);
  });

  const zips = new Map<string, ZipFile>();
  const inputs = new Map<string, OracleInput>();
  for (const file of exports) {
    const { source, means, map, name, zip, dialect, headers } = file;
    const rows = shuffled(random, rowsOf.get(file)!);
    const bytes = headers
      ? csvFile(
          random,
          headers,
          rows.map((cells) => cellsInOrder(headers, cells as Cells)),
          dialect,
        )
      : ndjsonFile(random, fullestFirst(rows), dialect);
    const path = join(folder, zip ?? name);
    inputs.set(path, { source, file: path, ...(means && { means }), ...(map && { map }) });
    if (zip === undefined) {
      await mkdir(join(path, ".."), { recursive: true });
      await writeFile(path, bytes);
      continue;
    }
    if (!zips.has(path)) zips.set(path, new ZipFile());
    zips.get(path)!.addBuffer(bytes, name, { mtime: new Date(2024, 0, 1) });
  }
  for (const [path, zip] of zips) {
    await mkdir(join(path, ".."), { recursive: true });
    zip.end();
    await pipeline(zip.outputStream, createWriteStream(path));
  }
  return [...inputs.values()];
}

/** Of two columns with the same header only the first is real; the second holds something else. */
function cellsInOrder(headers: readonly string[], cells: Cells): string[] {
  return headers.map((header, index) =>
    headers.indexOf(header) === index ? (cells[header] ?? "") : `not ${cells[header] ?? ""}`,
  );
}

/** A reader may look at the first line only to tell what the file is. */
function fullestFirst(rows: object[]): object[] {
  const keys = rows.map((row) => Object.keys(row).length);
  const fullest = keys.indexOf(Math.max(...keys));
  return [rows[fullest]!, ...rows.filter((_, index) => index !== fullest)];
}

function shuffled<Item>(random: Random, items: readonly Item[]): Item[] {
  const result = [...items];
  for (let i = result.length - 1; i > 0; i -= 1) {
    const j = random.below(i + 1);
    [result[i], result[j]] = [result[j]!, result[i]!];
  }
  return result;
}

function inventMentions(random: Random, count: number): Mention[] {
  const people = Array.from({ length: count }, (_, number): Person => {
    const addresses = Array.from({ length: random.pick([1, 1, 1, 1, 2, 2, 3]) }, (_, shape) =>
      values.address(number, shape),
    );
    return {
      number,
      userId: random.chance(0.15) ? "" : values.userId(number),
      addresses,
      firstName: random.pick(values.firstNames),
      lastName: random.pick(values.lastNames),
    };
  });
  const mentions = people.flatMap((person) =>
    Array.from({ length: 1 + random.below(4) }, () => mention(random, person, people)),
  );
  mentions.push(...chains(random, people), ...crowdedIds(random, people));
  return shuffled(random, mentions);
}

function mention(random: Random, person: Person, people: readonly Person[]): Mention {
  const { number } = person;
  const dice = random.next();
  const own = random.pick(person.addresses);
  const serial = random.below(1_000_000_000);
  const mark = `m${serial}`;
  const plain = { person, userId: person.userId, email: maybeRespelled(random, own), mark: "" };
  if (dice < 0.03)
    return { ...plain, email: maybeRespelled(random, people[(number + 1) % people.length]!.addresses[0]!) };
  if (dice < 0.05)
    return { ...plain, email: maybeRespelled(random, `household${Math.floor(number / 8)}@example.com`) };
  if (dice < 0.09) return { ...plain, email: values.badAddress(random, serial), mark };
  if (dice < 0.11)
    return {
      ...plain,
      email: random.pick([`u${number}@placeholder.email`, `${number}@Placeholder.Email.`]),
      mark,
    };
  if (dice < 0.15) return { ...plain, email: random.pick(["", "", " ", "\u200b"]), mark };
  if (dice < 0.29) return { ...plain, userId: random.pick(["", "", "", " ", "\u00a0\u200b"]) };
  if (dice < 0.3) return { ...plain, userId: random.pick(values.blockedIds) };
  if (dice < 0.31)
    return {
      ...plain,
      userId: random.pick(values.blockedIds),
      email: values.badAddress(random, serial),
      mark,
    };
  if (dice < 0.34) return { ...plain, userId: values.padId(random, person.userId) };
  if (dice < 0.35) return { ...plain, userId: person.userId.toUpperCase() };
  return plain;
}

function maybeRespelled(random: Random, plain: string): string {
  return random.chance(0.35) ? values.respell(random, plain) : plain;
}

/** A(1, a), B(1, b), C(2, b), D(2, c), E(3, c): nothing may join, and no level may travel from end to end. */
function chains(random: Random, people: readonly Person[]): Mention[] {
  return people
    .filter(({ number }) => number % 40 === 20 && number + 2 < people.length)
    .flatMap(({ number }) => {
      const links = [people[number]!, people[number + 1]!, people[number + 2]!];
      return links.flatMap((person, index) =>
        [index, index + 1].map((end) => ({
          person,
          userId: values.userId(person.number),
          email: maybeRespelled(random, `chain${number}-${end}@example.com`),
          mark: "",
          needsId: true as const,
        })),
      );
    });
}

/** Identifiers with exactly five addresses, which stay, and with six, which are quarantined. */
function crowdedIds(random: Random, people: readonly Person[]): Mention[] {
  return people
    .filter(({ number }) => number % 150 === 30)
    .flatMap((person) =>
      [5, 6].flatMap((size) => {
        const userId = `crowd${size}-${person.number}`;
        const emails = Array.from({ length: size }, (_, i) => `${userId}-${i}@example.com`);
        const extra = [
          { email: values.respell(random, emails[0]!), mark: "" },
          { email: values.badAddress(random, random.below(1_000_000_000)), mark: `bad-${userId}` },
          { email: `${userId}@placeholder.email`, mark: `placeholder-${userId}` },
        ];
        return [...emails.map((email) => ({ email, mark: "" })), ...extra].map((row) => ({
          ...row,
          person,
          userId,
          needsId: true as const,
        }));
      }),
    );
}

/** The cells of one row, by kind of export. */
class RowMaker {
  readonly random: Random;
  #serial = 0;

  constructor(random: Random) {
    this.random = random;
  }

  /** Usually new; now and then one that another row may have too. */
  recordId(prefix: string): string {
    this.#serial += 1;
    return this.random.chance(0.03) ? `${prefix}same${this.random.below(5)}` : `${prefix}${this.#serial}`;
  }

  time(style: values.TimeStyle): string {
    return this.random.chance(0.15) ? "" : this.someTime(style);
  }

  someTime(style: values.TimeStyle): string {
    return values.timeText(this.random, values.moment(this.random), style);
  }

  names({ person }: Mention): { firstName: string; lastName: string } {
    const { random } = this;
    const other = random.chance(0.1);
    return {
      firstName: other
        ? random.pick(["", values.firstNames[0]!, random.pick(values.firstNames)])
        : person.firstName,
      lastName: random.chance(0.1) ? random.pick(["", ...values.lastNames]) : person.lastName,
    };
  }

  mailchimp(mention: Mention): Cells {
    const { firstName, lastName } = this.names(mention);
    const { random } = this;
    return {
      "Email Address": mention.email,
      email_address: mention.email,
      "First Name": firstName,
      FNAME: firstName,
      "Last Name": lastName,
      "Phone Number": random.pick(["", random.pick(values.phones)]),
      USER_ID: mention.userId,
      "User ID": mention.userId,
      // A second column that could be the user_id; USER_ID goes first.
      external_id: trimEnds(mention.userId) === "" ? "" : "crm",
      Plan: random.pick(["", "gold", "gold", "silver"]),
      MEMBER_RATING: String(random.below(6)),
      OPTIN_TIME: this.time("mailchimp"),
      OPTIN_IP: "192.0.2.1",
      CONFIRM_TIME: this.time("mailchimp"),
      CONFIRM_IP: `192.0.2.${random.below(256)}`,
      TIMEZONE: random.pick(["Europe/Berlin", "America/New_York"]),
      CC: random.pick(["DE", "US"]),
      REGION: random.pick(["BE", "NY"]),
      UNSUB_TIME: this.time("mailchimp"),
      UNSUB_CAMPAIGN_TITLE: random.pick(["News; May", 'The "big" one', ""]),
      UNSUB_REASON: random.pick(["", "NORMAL", "ABUSE"]),
      CLEAN_TIME: this.time("mailchimp"),
      CLEAN_CAMPAIGN_TITLE: "",
      LAST_CHANGED: this.time("mailchimp"),
      LEID: this.recordId("1"),
      Leid: this.recordId("2"),
      EUID: "a1b2c3d4e5",
      NOTES: mention.mark,
      TAGS: random.pick(["", '"VIP","Blog"']),
    };
  }

  klaviyo(mention: Mention): Cells {
    const { random } = this;
    const { firstName, lastName } = this.names(mention);
    const reasons = [
      "UNSUBSCRIBE",
      "HARD_BOUNCE",
      "INVALID_EMAIL",
      "SPAM_COMPLAINT",
      "USER_SUPPRESSED",
      "SOMETHING_ELSE",
    ];
    const some = [random.pick(reasons), random.pick(reasons)];
    const suppressions = [
      "",
      "",
      "",
      "",
      "[]",
      some[0]!,
      some.join(","),
      some.join("; "),
      JSON.stringify(some),
    ];
    return {
      Email: mention.email,
      "E-Mail": mention.email,
      "Klaviyo ID": this.recordId("01HZX"),
      "External ID": mention.userId,
      "First Name": firstName,
      "Last Name": lastName,
      Organization: random.pick(["", "", ...values.companies]),
      "Phone Number": random.pick(["", random.pick(values.phones)]),
      "State / Region": random.pick(["", "", "BE", "NY"]),
      Plan: random.pick(["", "gold", "gold", "silver"]),
      plan: random.pick(["", "gold"]),
      Source: String(random.below(9)),
      "IP Address": "192.0.2.7",
      "Email Marketing Consent": random.pick([
        "SUBSCRIBED",
        "SUBSCRIBED",
        "UNSUBSCRIBED",
        "NEVER_SUBSCRIBED",
        "PENDING",
        "",
      ]),
      "Email Marketing Consent Timestamp": this.time("klaviyo"),
      "Email Suppressions": random.pick(suppressions),
      "Average Order Value": String(random.below(99)),
      "Last Active": this.time("klaviyo"),
      "Profile Created On": this.time("klaviyo"),
      Reference: mention.mark,
    };
  }

  iterableUser(mention: Mention): Cells {
    const { random } = this;
    const { firstName, lastName } = this.names(mention);
    return {
      // The email is the record id too, and how much of a record id is trimmed is left open.
      email: trimEnds(mention.email) === "" ? "" : mention.email,
      userId: mention.userId,
      firstName,
      lastName,
      phoneNumber: random.pick(["", random.pick(values.phones)]),
      locale: random.pick(["", "de-DE", "de-DE", "en-US"]),
      Plan: random.pick(["", "gold", "gold", "silver"]),
      signupDate: this.time("iterable"),
      signupSource: random.pick(["Import", "ListAPI", "WebForm"]),
      profileUpdatedAt: this.time("iterable"),
      emailListIds: random.pick(["[]", "[101,102]"]),
      unsubscribedChannelIds: random.pick(["[]", "[]", "[]", "[]", "", "[39581]", "[39581, 39582]"]),
      unsubscribedMessageTypeIds: random.pick(["[]", "[]", "[]", "[7]", "[7,2147483999]"]),
      "itblInternal.emailDomain": String(random.below(9)),
      reference: mention.mark,
    };
  }

  /** NDJSON leaves out what the profile does not have. */
  iterableUserObject(mention: Mention): object {
    const { random } = this;
    const { email, userId, emailListIds, unsubscribedChannelIds, unsubscribedMessageTypeIds, ...rest } =
      this.iterableUser(mention);
    const lists = { emailListIds, unsubscribedChannelIds, unsubscribedMessageTypeIds };
    return {
      ...identifiers(random, email!, userId!),
      ...Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== "" || random.chance(0.3))),
      ...Object.fromEntries(Object.entries(lists).map(([name, cell]) => [name, JSON.parse(cell || "null")])),
      vip: random.pick([true, false, null]),
      devices: [{ token: String(random.below(1e6)), platform: "APNS" }],
    };
  }

  iterableEvent(mention: Mention): Cells {
    const { random } = this;
    const optOut = (scope: Cells): Cells => ({
      unsubSource: random.pick(["EmailLink", "WebApp", "Import", "API", "SMS", "Workflow"]),
      channelIds: "[]",
      messageTypeIds: "[]",
      emailListIds: "[]",
      ...scope,
    });
    const kinds: (() => Cells)[] = [
      () => ({ recipientState: "HardBounce", status: "5.1.1" }),
      () => ({
        recipientState: random.pick(["SoftBounceGeneral", "MailBlockGeneral", "DNSFailure"]),
        status: "4.2.2",
      }),
      () => ({ recipientState: "Complaint" }),
      () => optOut({ unsubSource: "HardBounce", recipientState: "HardBounce", channelIds: "[39581,39582]" }),
      () => optOut({ unsubSource: "Complaint", channelIds: "[39581]" }),
      () => optOut({ channelIds: "[39581]" }),
      () => optOut({ channelIds: "[39581,39582]", messageTypeIds: "[7]", emailListIds: "[101]" }),
      () => optOut({ messageTypeIds: "[7,8]" }),
      () => optOut({ emailListIds: "[101]" }),
    ];
    return {
      email: mention.email,
      userId: random.chance(0.5) || mention.mark !== "" || mention.needsId ? mention.userId : "",
      createdAt: this.time("iterable"),
      campaignId: String(random.below(1000)),
      messageId: this.recordId("message"),
      reference: mention.mark,
      // An event brings no attributes: these two must not count.
      firstName: "Eve",
      profileUpdatedAt: "2030-01-01 00:00:00 +00:00",
      ...random.pick(kinds)(),
    };
  }

  iterableEventObject(mention: Mention): object {
    const { email, userId, createdAt, ...rest } = this.iterableEvent(mention);
    const parsed = Object.entries(rest).map(([name, text]) => [
      name,
      text.startsWith("[") ? JSON.parse(text) : text,
    ]);
    const millis = Date.parse(createdAt!.replace(" +00:00", "Z").replace(" ", "T"));
    const isMillis = !Number.isNaN(millis) && /(Z|00:00)$/.test(createdAt!) && this.random.chance(0.3);
    return {
      ...identifiers(this.random, email!, userId!),
      createdAt: isMillis ? millis : createdAt,
      ...Object.fromEntries(parsed),
    };
  }

  other(mention: Mention): Cells {
    const { random } = this;
    const { firstName, lastName } = this.names(mention);
    return {
      // In a file of one column an empty cell and a blank line look the same.
      email: trimEnds(mention.email) === "" ? `${mention.mark}@placeholder.email` : mention.email,
      Recipient: mention.email,
      "E-Mail": mention.email,
      Mail: mention.email,
      user_id: mention.userId,
      customer_id: mention.userId,
      "Customer No.": mention.userId,
      Key: mention.userId,
      Added: this.time("csv"),
      Modified: this.time("csv"),
      "Given Name": firstName,
      Surname: lastName,
      Mobile: random.pick(["", random.pick(values.phones)]),
      Company: random.pick(["", "", ...values.companies]),
      Plan: random.pick(["", "gold", "silver"]),
      Why: random.pick(["", "gdpr request", "manual", "USER_SUPPRESSED", "?"]),
      Ref: random.pick([this.recordId("r-"), ` ${this.recordId("r-")} `, ""]),
      Reference: mention.mark,
    };
  }
}

/** A missing identifier is left out or null; an identifier of digits may be a JSON number. */
function identifiers(random: Random, email: string, userId: string): object {
  const asNumber = /^[1-9]\d*$/.test(userId) && random.chance(0.5);
  return {
    ...(email === "" ? random.pick([{}, { email: null }, { email }]) : { email }),
    ...(userId === ""
      ? random.pick([{}, { userId: null }, { userId }])
      : { userId: asNumber ? exactNumber(userId) : userId }),
  };
}

const mailchimpTail = [
  "MEMBER_RATING",
  "OPTIN_TIME",
  "OPTIN_IP",
  "CONFIRM_TIME",
  "CONFIRM_IP",
  "TIMEZONE",
  "CC",
  "REGION",
];
const mailchimpUnsubscribed = ["UNSUB_TIME", "UNSUB_CAMPAIGN_TITLE", "UNSUB_REASON"];
const mailchimpCleaned = ["CLEAN_TIME", "CLEAN_CAMPAIGN_TITLE"];
const mailchimpIds = ["LEID", "EUID", "NOTES", "TAGS"];

/** `Plan` stands twice, and `external_id` before the `USER_ID` that goes first. */
const audienceA = [
  "First Name",
  "Email Address",
  "Plan",
  "external_id",
  "Last Name",
  "Phone Number",
  "USER_ID",
  "Plan",
];
const audienceB = ["email_address", "User ID", "FNAME"];

const mailchimpRow = (maker: RowMaker, mention: Mention): Cells => maker.mailchimp(mention);
const klaviyoRow = (maker: RowMaker, mention: Mention): Cells => maker.klaviyo(mention);
const iterableRow = (maker: RowMaker, mention: Mention): Cells => maker.iterableUser(mention);
const otherRow = (maker: RowMaker, mention: Mention): Cells => maker.other(mention);

const unix: Dialect = { delimiter: ",", newline: "\n", encoding: "utf8" };
const windows: Dialect = { delimiter: ",", newline: "\r\n", encoding: "utf8-bom" };

const mailchimpFile = (name: string, weight: number, headers: string[]): Export => ({
  source: "mailchimp",
  name: `mailchimp/${name}`,
  weight,
  headers,
  dialect: unix,
  row: mailchimpRow,
});

const zippedFile = (name: string, weight: number, headers: string[]): Export => ({
  ...mailchimpFile(name, weight, headers),
  name: `audience b/${name}`,
  zip: "mailchimp/audience_export_b2c3d4e5f6.zip",
  dialect: windows,
});

const klaviyoHeaders = [
  "Email",
  "Klaviyo ID",
  "External ID",
  "First Name",
  "Last Name",
  "Organization",
  "Phone Number",
  "State / Region",
  "Plan",
  "Source",
  "IP Address",
  "Email Marketing Consent",
  "Email Marketing Consent Timestamp",
  "Email Suppressions",
  "Average Order Value",
  "Last Active",
  "Profile Created On",
  "plan",
  "Plan",
];

const userHeaders = [
  "email",
  "userId",
  "firstName",
  "lastName",
  "phoneNumber",
  "locale",
  "Plan",
  "signupDate",
  "signupSource",
  "profileUpdatedAt",
  "emailListIds",
  "unsubscribedChannelIds",
  "unsubscribedMessageTypeIds",
  "itblInternal.emailDomain",
  "reference",
];

const eventHeaders = [
  "createdAt",
  "email",
  "userId",
  "recipientState",
  "status",
  "unsubSource",
  "channelIds",
  "messageTypeIds",
  "emailListIds",
  "campaignId",
  "messageId",
  "firstName",
  "profileUpdatedAt",
  "reference",
];

const exports: Export[] = [
  mailchimpFile("subscribed_email_audience_export_a1.csv", 12, [
    ...audienceA,
    ...mailchimpTail,
    "LAST_CHANGED",
    ...mailchimpIds,
  ]),
  mailchimpFile("unsubscribed_email_audience_export_a1.csv", 3, [
    ...audienceA,
    ...mailchimpTail,
    ...mailchimpUnsubscribed,
    ...mailchimpIds,
  ]),
  mailchimpFile("cleaned_email_audience_export_a1.csv", 3, [
    ...audienceA,
    ...mailchimpTail,
    ...mailchimpCleaned,
    ...mailchimpIds,
  ]),
  mailchimpFile("nonsubscribed_email_audience_export_a1.csv", 2, [
    ...audienceA,
    ...mailchimpTail,
    "LAST_CHANGED",
    ...mailchimpIds,
  ]),
  zippedFile("Subscribed_members_export_b2.csv", 4, [
    ...audienceB,
    "OPTIN_TIME",
    "CONFIRM_TIME",
    "Leid",
    "EUID",
    "NOTES",
  ]),
  zippedFile("unsubscribed_members_export_b2.csv", 2, [
    ...audienceB,
    ...mailchimpUnsubscribed,
    "LAST_CHANGED",
    "Leid",
    "EUID",
    "NOTES",
  ]),
  zippedFile("cleaned_members_export_b2.csv", 2, [
    ...audienceB,
    ...mailchimpCleaned,
    "CONFIRM_TIME",
    "Leid",
    "EUID",
    "NOTES",
  ]),
  // The state is told by the column, as the name tells nothing; no cell of it is empty.
  {
    anonymous: true,
    ...mailchimpFile("former readers.csv", 1, ["Email Address", "UNSUB_TIME", "LEID", "EUID", "NOTES"]),
    row: (maker, mention) => ({ ...maker.mailchimp(mention), UNSUB_TIME: maker.someTime("mailchimp") }),
  },
  {
    anonymous: true,
    ...mailchimpFile("bounced readers.csv", 1, ["Email Address", "CLEAN_TIME", "EUID", "NOTES"]),
    row: (maker, mention) => ({ ...maker.mailchimp(mention), CLEAN_TIME: maker.someTime("mailchimp") }),
  },
  {
    source: "klaviyo",
    name: "klaviyo/list.csv",
    weight: 12,
    headers: klaviyoHeaders,
    dialect: windows,
    row: klaviyoRow,
  },
  {
    source: "klaviyo",
    name: "klaviyo/segment.csv",
    anonymous: true,
    weight: 3,
    headers: ["E-Mail", "Klaviyo ID", "Email Suppressions", "Reference"],
    dialect: { delimiter: "\t", newline: "\r\n", encoding: "utf16le" },
    row: klaviyoRow,
  },
  {
    source: "klaviyo",
    name: "klaviyo/old mac.csv",
    weight: 3,
    headers: [
      "Email",
      "External ID",
      "Email Marketing Consent",
      "Email Marketing Consent Timestamp",
      "Last Name",
      "Reference",
    ],
    dialect: { delimiter: ";", newline: "\r", encoding: "utf8" },
    row: klaviyoRow,
  },
  {
    source: "iterable",
    name: "iterable/users.ndjson",
    weight: 10,
    dialect: unix,
    row: (maker, mention) => maker.iterableUserObject(mention),
  },
  {
    source: "iterable",
    name: "iterable/users.csv",
    weight: 4,
    headers: userHeaders,
    dialect: { delimiter: "|", newline: "\n", encoding: "utf8" },
    row: iterableRow,
  },
  {
    source: "iterable",
    name: "iterable/events.ndjson",
    weight: 8,
    dialect: windows,
    row: (maker, mention) => maker.iterableEventObject(mention),
  },
  {
    source: "iterable",
    name: "iterable/events.csv",
    weight: 4,
    headers: eventHeaders,
    dialect: { ...unix, cutOff: true },
    row: (maker, mention) => maker.iterableEvent(mention),
  },
  {
    source: "csv",
    means: "unsubscribed",
    name: "other/opt-outs.csv",
    anonymous: true,
    weight: 2,
    headers: ["email"],
    dialect: unix,
    row: otherRow,
  },
  {
    source: "csv",
    means: "bounced",
    map: { email: "Recipient", at: "Added", record_id: "Ref" },
    name: "other/bounces.csv",
    anonymous: true,
    weight: 2,
    headers: ["Ref", "Added", "Recipient", "Reference"],
    dialect: { delimiter: ";", newline: "\r\n", encoding: "utf8" },
    row: otherRow,
  },
  {
    source: "csv",
    means: "complained",
    name: "other/complaints.csv",
    weight: 1,
    headers: ["E-Mail", "user_id", "Reference"],
    dialect: windows,
    row: otherRow,
  },
  {
    source: "csv",
    means: "manual",
    map: { user_id: "Customer No.", email: "Mail", at: "Added", reason: "Why" },
    name: "other/blocklist.csv",
    weight: 1,
    headers: ["Customer No.", "Mail", "Added", "Why", "Reference"],
    dialect: { delimiter: "\t", newline: "\n", encoding: "utf16be" },
    row: otherRow,
  },
  {
    source: "csv",
    means: "profiles",
    map: { user_id: "Key", email: "Mail", updated_at: "Modified", record_id: "Ref" },
    name: "other/crm.csv",
    weight: 6,
    headers: [
      "Key",
      "Modified",
      "Ref",
      "Given Name",
      "Surname",
      "Mobile",
      "Plan",
      "Mail",
      "Mail",
      "Reference",
    ],
    dialect: { delimiter: "|", newline: "\r\n", encoding: "utf8-bom" },
    row: otherRow,
  },
  {
    source: "csv",
    means: "profiles",
    name: "other/shop.csv",
    weight: 4,
    headers: ["customer_id", "email", "Company", "Surname", "Reference"],
    dialect: { ...unix, delimiter: ";" },
    row: otherRow,
  },
];
