import type { IdentifierType, People } from "./people.ts";

/** One refusal in the words of Track v2. */
export interface ItemError {
  reason: "required" | "invalid";
  field: string;
  message: string;
}

const personActions = new Set([
  "identify",
  "delete",
  "event",
  "screen",
  "page",
  "add_relationships",
  "delete_relationships",
  "add_device",
  "delete_device",
  "merge",
  "suppress",
  "unsuppress",
]);
const identifierTypes = ["id", "email", "phone", "cio_id"];

/** What Track refuses about one v2 operation; empty where it is valid (reference/customerio.md §1.1, §1.10). */
export function validateItem(item: unknown, people: People, kilobyte: number): ItemError[] {
  if (!isObject(item)) return [invalid("batch", "item must be an object")];
  if (Buffer.byteLength(JSON.stringify(item)) > 32 * kilobyte)
    return [invalid("item", "item is larger than 32kb")];
  if (item.type === undefined) return [required("type")];
  if (item.type === "object" || item.type === "delivery") return [];
  if (item.type !== "person") return [invalid("type", "type is not supported")];
  if (item.action === undefined) return [required("action")];
  if (typeof item.action !== "string" || !personActions.has(item.action)) {
    return [invalid("action", "action is not supported")];
  }
  if (item.action === "merge") {
    return (["primary", "secondary"] as const).flatMap((field) =>
      identifierErrors(item[field], field, people),
    );
  }
  const errors = identifierErrors(item.identifiers, "identifiers", people);
  if (item.action === "identify" && item.attributes !== undefined) {
    errors.push(...attributeErrors(item.attributes));
  }
  return errors;
}

function identifierErrors(value: unknown, field: string, people: People): ItemError[] {
  if (!isObject(value)) return [required(field)];
  const names = Object.keys(value);
  if (names.length === 0) return [required(field)];
  if (names.length > 1) return [invalid(field, "exactly one identifier is allowed")];
  const [name] = names as [string];
  if (!identifierTypes.includes(name)) return [invalid(field, "unknown identifier")];
  if (name === "phone" || !people.uses(name as IdentifierType)) {
    return [invalid(`${field}.${name}`, "not an identifier of this workspace")];
  }
  const text = value[name];
  if (typeof text !== "string" || text === "") return [required(`${field}.${name}`)];
  if (name === "id" && Buffer.byteLength(text) > 150) {
    return [invalid(`${field}.id`, "must be 150 bytes or smaller")];
  }
  return [];
}

/** Also used for the attributes of a v1 identify. */
export function attributeErrors(value: unknown): ItemError[] {
  if (!isObject(value)) return [invalid("attributes", "must be an object")];
  const entries = Object.entries(value);
  const errors: ItemError[] = [];
  if (entries.length > 300) errors.push(invalid("attributes", "at most 300 attributes are allowed"));
  for (const [name, attribute] of entries) {
    if (Buffer.byteLength(name) > 150) {
      errors.push(invalid("attributes", "attribute name must be 150 bytes or smaller"));
    }
    const text = typeof attribute === "string" ? attribute : JSON.stringify(attribute);
    if (name !== "cio_subscription_preferences" && Buffer.byteLength(text) > 1000) {
      errors.push(invalid(`attributes.${name}`, "attribute value must be 1000 bytes or smaller"));
    }
  }
  return errors;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function required(field: string): ItemError {
  return { reason: "required", field, message: `${field} is required` };
}

function invalid(field: string, message: string): ItemError {
  return { reason: "invalid", field, message };
}
