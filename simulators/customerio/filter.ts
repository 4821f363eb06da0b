import { meansUnsubscribed, type Person } from "./people.ts";
import { isObject } from "./validation.ts";

/**
 * An audience filter as a test of one person; null where it is not valid (reference/customerio.md §2.3).
 * Segments are not simulated: nobody is in one.
 */
export function compileFilter(filter: unknown): ((person: Person) => boolean) | null {
  if (!isObject(filter) || Object.keys(filter).length !== 1) return null;
  if (Array.isArray(filter.and) || Array.isArray(filter.or)) {
    const parts = ((filter.and ?? filter.or) as unknown[]).map(compileFilter);
    if (parts.length === 0 || parts.some((part) => part === null)) return null;
    const tests = parts as ((person: Person) => boolean)[];
    return filter.and
      ? (person) => tests.every((test) => test(person))
      : (person) => tests.some((test) => test(person));
  }
  if (filter.not !== undefined) {
    const test = compileFilter(filter.not);
    return test && ((person) => !test(person));
  }
  if (isObject(filter.segment)) return () => false;
  if (isObject(filter.attribute)) {
    const { field, operator, value } = filter.attribute;
    if (typeof field !== "string") return null;
    if (operator === "exists") return (person) => attributeText(person, field) !== undefined;
    if (operator === "eq") return (person) => attributeText(person, field) === String(value);
  }
  return null;
}

/** An attribute as the App API shows it: text, whatever was sent. */
export function attributeText(person: Person, name: string): string | undefined {
  if (name === "id") return person.id ?? undefined;
  if (name === "email") return person.email ?? undefined;
  if (name === "cio_id") return person.cioId;
  const value = person.attributes[name];
  if (value === undefined) return undefined;
  if (name === "unsubscribed") return String(meansUnsubscribed(value));
  return typeof value === "string" ? value : JSON.stringify(value);
}
