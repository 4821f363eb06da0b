/** Cells as they really come, and worse: addresses, identifiers, times and names for nasty-exports.ts. */
import type { Random } from "./random.ts";

const domains = [
  "example.com",
  "mail.example.org",
  "gmail.com",
  "müller.example",
  "faß.de",
  "пример.рф",
  "例え.jp",
  "ab--cd.net",
  "shop.123",
  "sub.placeholder.email",
];

/** A good address in plain spelling; the same number always gives the same one. */
export function address(number: number, shape: number): string {
  const domain = domains[(number + shape) % domains.length]!;
  const local = [
    `p${number}`,
    `p${number}+news`,
    `p.${number}`,
    `jörg${number}`,
    `+${number}`,
    `=p${number}`,
    `-p-${number}`,
    `o'brien${number}`,
    `"p@${number}"`,
    `${"x".repeat(64 - String(number).length)}${number}`,
    `${"é".repeat(26)}${String(number).padStart(12, "0")}`,
    `naïve${number}`,
  ];
  return `${local[(number * 7 + shape * 3) % local.length]}@${domain}`;
}

const hidden = ["\u200b", "\u00ad", "\ufeff", "\u202e", "\u2063", "\u180e", "\u2067", "\u200d"];
const padding = [" ", "\u00a0", "\t", "\u3000", "\u2003", ...hidden];

/** The same address as somebody else would write it: another spelling of the same key. */
export function respell(random: Random, plain: string): string {
  const at = plain.lastIndexOf("@");
  const local = plain.slice(0, at);
  const domain = plain.slice(at + 1);
  const asciiUpper = (text: string): string => text.replace(/[a-z]/g, (letter) => letter.toUpperCase());
  const split = 1 + random.below(domain.length - 1);
  const inside = `${local}@${domain.slice(0, split)}${random.pick(hidden)}${domain.slice(split)}`;
  const spellings = [
    asciiUpper(plain),
    `${asciiUpper(local)}@${domain}`,
    `${local}@${domain.toUpperCase().replace("FASS", "FAß")}`,
    `${plain}.`,
    plain.normalize("NFD"),
    inside,
    `${random.pick(padding)}${plain}${random.pick(padding)}${random.pick(padding)}`,
    `Jo Doe <${plain}>`,
    `"Doe, Jo" <\u200b${plain} >`,
    `mailto:${plain}`,
    `Jo <MailTo: ${plain}>`,
  ];
  return random.pick(spellings);
}

/** Every kind of BAD_EMAIL of merge-rules §2. The number keeps rows of different people apart. */
export function badAddress(random: Random, number: number): string {
  const kinds = [
    `bad${number}.example.com`,
    `n/a ${number}`,
    `bad${number}@@example.com`,
    `bad@${number}@example.com`,
    `bad${number}@`,
    `@bad${number}.com`,
    `bad${number}@.`,
    `b ad${number}@example.com`,
    `b\u00a0ad${number}@example.com`,
    `"b ad${number}"@example.com`,
    `${"é".repeat(33)}${number}@example.com`,
    `${"b".repeat(60)}@${"c".repeat(63)}.${"d".repeat(63)}.${"e".repeat(63)}.n${number}`,
    `bad${number}@example..com`,
    `bad${number}@example.com..`,
    `bad${number}@${"d".repeat(64)}.com`,
    `bad${number}@a_b.com`,
    `bad${number}@-a.com`,
    `bad${number}@a-.com`,
    `bad${number}@example.com/x`,
    `bad${number}@example.com／x`,
    `bad${number}@example.com:25`,
    `bad${number}@ex%61mple.com`,
    `bad${number}@localhost`,
    `bad${number}@192.168.0.1`,
    `bad${number}@[192.168.0.1]`,
    `bad${number}@xn--a.com`,
    `bad${number}@אa.com`,
    `bad${number}@\u0301a.com`,
    `bad${number}@example.com, other@example.com`,
    `bad${number}@example.com;other@example.com`,
    `Bad <bad${number}@example.com>, Other <other@example.com>`,
  ];
  return random.pick(kinds);
}

export const blockedIds = [
  "null",
  "NULL",
  "Undefined",
  "NaN",
  "none",
  "N/A",
  "unknown",
  "anonymous",
  "-1",
  "test",
  "string",
  "void",
  "0",
  "000",
  "0-0",
  "-",
];

/** The identifier of a person; some look like numbers, formulas or each other. */
export function userId(number: number): string {
  const shapes: Record<number, string> = {
    0: `00${number}`,
    1: `${number - 1}`,
    2: `1e${number}`,
    3: `${number}.23E+12`,
    4: `Twin-${number}`,
    5: `twin-${number - 1}`,
    6: `90071992547409${String(number).padStart(8, "0")}`,
    7: `user ${number}`,
    8: `a|b\\${number}`,
    9: `"q${number}",x`,
    10: `u${number}@example.com`,
    11: `+${number}`,
    12: `=${number}`,
    13: `ünïque${number}`,
    14: `u\u200b${number}`,
    15: `${number}`,
  };
  return shapes[number % 40] ?? `u${number}`;
}

/** Padding around an identifier, which is none of it. */
export function padId(random: Random, id: string): string {
  return `${random.pick(padding)}${id}${random.pick(padding)}`;
}

export const firstNames = [
  "Jo",
  "José",
  "Jose\u0301",
  "Ana",
  "李",
  "O'Neil",
  "Zoë",
  "=Max",
  "@home",
  "-",
  "+Jo",
];
export const lastNames = [
  "Doe",
  'van "der" Berg',
  "Smith, Jr.",
  "Müller",
  "a|b",
  "two\nlines",
  "\n=cmd",
  "\tTab",
];
export const companies = ["ACME", "ACME Ltd.", "null", "Häagen; Söhne", "C:\\temp"];
export const phones = ["+49 30 123456", "030/123456", "+1-555-0100", "-5550100"];

const unreadableTimes = ["0000-00-00 00:00:00", "n/a", "2023-02-30 10:00:00", "yesterday"];

export type TimeStyle = "mailchimp" | "klaviyo" | "iterable" | "csv";

/** Microseconds since 1970; a third of them fall on a few shared moments, so that records tie. */
export function moment(random: Random): number {
  const start = Date.UTC(2019, 0, 1) * 1000;
  if (random.chance(0.35)) return start + random.below(8) * 86_400_000_000 * 100;
  const seconds = random.below(5 * 365 * 86_400);
  const fraction = random.pick([0, 0, 0, 500_000, 123_000, 852_051, 1]);
  return start + seconds * 1_000_000 + fraction;
}

/** A moment as the vendor writes it; the fraction is lost where the style has none. Some cannot be read. */
export function timeText(random: Random, micros: number, style: TimeStyle): string {
  if (random.chance(0.02)) return random.pick(unreadableTimes);
  const fraction = String(micros % 1_000_000).padStart(6, "0");
  const at = (shiftHours: number): string =>
    new Date(Math.floor(micros / 1_000_000) * 1000 + shiftHours * 3_600_000).toISOString().slice(0, 19);
  const plain = at(0).replace("T", " ");
  const micro = `${at(0)}.${fraction}`;
  const styles: Record<TimeStyle, string[]> = {
    mailchimp: [plain],
    klaviyo: [plain, `${micro}+00:00`, `${at(2)}.${fraction}+02:00`, `${at(0)}Z`],
    iterable: [`${plain} +00:00`, `${at(0)}.${fraction.slice(0, 3)}Z`, `${at(-6)}-06:00`, `${micro}Z`],
    csv: [plain, `${at(0)}`, plain.slice(0, 10), `${at(5.5)}+05:30`, `${micro}Z`],
  };
  return random.pick(styles[style]);
}
