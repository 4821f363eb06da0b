import type { Person } from "./person.ts";
import { hash32 } from "./random.ts";

/** A line of the list that the company's own people keep by hand. Time in milliseconds since 1970. */
export interface DoNotMailEntry {
  /** As somebody typed it. */
  email: string;
  userId: string | null;
  addedAt: number;
  reason: string;
}

const reasons = ["asked by phone", "asked at the fair", "letter from a lawyer", "answered a newsletter"];

/** What the office wrote down about the person. */
export function doNotMailEntries(person: Person): DoNotMailEntry[] {
  return person.consent.flatMap(({ where, email, at }) => {
    if (where !== "office") return [];
    const habit = hash32("office", email) % 4;
    const name = `${person.profile.firstName} ${person.profile.lastName}`;
    return {
      email: habit === 0 ? `${name} <${email}>` : habit === 1 ? ` ${email} ` : email,
      userId: habit === 2 ? null : person.userId,
      addedAt: at,
      reason: reasons[habit]!,
    };
  });
}
