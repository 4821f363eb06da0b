/**
 * The form in which headers are compared: letter case, spaces and punctuation do not matter (interfaces §4).
 * `E-mail Address` and `email_address` are both `emailaddress`.
 */
export function headerKey(header: string): string {
  const known = keys.get(header);
  if (known !== undefined) return known;
  const key = header
    .normalize("NFC")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, "");
  // NDJSON names its columns again in every row; the bound is for files that invent keys without end.
  if (keys.size >= 10_000) keys.clear();
  keys.set(header, key);
  return key;
}
const keys = new Map<string, string>();

/** The one name of a standard attribute whatever the vendor calls it, by header key (interfaces §4). */
export const standardAttributes: ReadonlyMap<string, string> = new Map(
  Object.entries({
    first_name: ["firstname", "fname", "givenname"],
    last_name: ["lastname", "lname", "surname", "familyname"],
    name: ["name", "fullname"],
    phone: ["phone", "phonenumber", "mobile", "mobilephone"],
    company: ["company", "organization", "organisation"],
    title: ["title", "jobtitle"],
    address: ["address", "address1", "streetaddress"],
    address2: ["address2"],
    city: ["city"],
    region: ["state", "region", "stateregion", "province"],
    country: ["country"],
    zip: ["zip", "zipcode", "postcode", "postalcode"],
    birthday: ["birthday", "dateofbirth"],
    locale: ["locale", "language"],
    timezone: ["timezone"],
  }).flatMap(([name, headerKeys]) => headerKeys.map((key): [string, string] => [key, name])),
);

/** The columns that may be the user_id, the best first (interfaces §4). Bare `id`, LEID and EUID never are. */
export const userIdHeaderKeys: readonly string[] = ["userid", "externalid", "customerid"];

/**
 * Takes off the leading `'` that keeps a spreadsheet from running a cell as a formula (interfaces §4);
 * everything else stays as it is.
 */
export function removeSpreadsheetGuard(cell: string): string {
  return cell.charCodeAt(0) === 0x27 && /^'[=+\-@\t\r\n]/.test(cell) ? cell.slice(1) : cell;
}

/** Headers as a message shows them: the first 30, quoted. */
export function listHeaders(headers: readonly string[]): string {
  if (headers.length === 0) return "none";
  const shown = headers.slice(0, 30).map((header) => `“${header.slice(0, 60)}”`);
  return (
    shown.join(", ") + (headers.length > shown.length ? ` and ${headers.length - shown.length} more` : "")
  );
}
