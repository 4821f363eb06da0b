/** The kinds of data that can be exported (reference/iterable.md §3). All but four are empty here. */
export const dataTypes = [
  "emailSend",
  "emailOpen",
  "emailClick",
  "hostedUnsubscribeClick",
  "emailComplaint",
  "emailBounce",
  "emailSendSkip",
  "pushSend",
  "pushOpen",
  "pushUninstall",
  "pushBounce",
  "pushSendSkip",
  "inAppSend",
  "inAppOpen",
  "inAppClick",
  "smsSend",
  "smsBounce",
  "smsClick",
  "smsReceived",
  "emailSubscribe",
  "emailUnSubscribe",
  "purchase",
  "customEvent",
  "user",
] as const;
export type DataType = (typeof dataTypes)[number];

/** Letter case does not matter, as far as is known. */
export function readDataType(name: string | null): DataType | undefined {
  return dataTypes.find((type) => type.toLowerCase() === name?.toLowerCase());
}

/** Reads `yyyy-MM-dd HH:mm:ss`, with an offset or without one, as milliseconds since 1970. */
export function readExportTime(text: string, defaultOffset: string): number | undefined {
  const [, day, time, offset = defaultOffset] =
    /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?: ?([+-]\d\d:?\d\d|Z))?$/.exec(text) ?? [];
  const ms =
    day === undefined ? Number.NaN : Date.parse(`${day}T${time}${offset.replace(/^(...)(\d)/, "$1:$2")}`);
  return Number.isNaN(ms) ? undefined : ms;
}
