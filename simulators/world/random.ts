/** Numbers that look random and are the same on every machine for the same keys. */
export interface Random {
  /** At least 0, less than 1. */
  fraction(): number;
  /** A whole number from `lowest` to `highest`, both included. */
  integer(lowest: number, highest: number): number;
  /** True with this probability, from 0 to 1. */
  chance(probability: number): boolean;
  pick<Item>(items: readonly Item[]): Item;
  shuffle<Item>(items: readonly Item[]): Item[];
}

/** A 32-bit unsigned hash of the keys. Not for secrets: it only has to spread well. */
export function hash32(...keys: (string | number)[]): number {
  let hash = 0x811c9dc5;
  for (const character of keys.join("\u0000")) {
    hash = Math.imul(hash ^ character.codePointAt(0)!, 0x01000193);
  }
  return scramble(hash);
}

/** A hexadecimal hash of the keys with this many digits, at most 32. */
export function hashHex(digits: number, ...keys: (string | number)[]): string {
  let text = "";
  for (let part = 0; text.length < digits; part += 1) {
    text += hash32(part, ...keys)
      .toString(16)
      .padStart(8, "0");
  }
  return text.slice(0, digits);
}

/** The same keys give the same sequence; different keys give unrelated ones. */
export function createRandom(...keys: (string | number)[]): Random {
  let state = hash32(...keys);
  // A Weyl sequence, scrambled: every step adds the golden ratio of 2^32, so no state repeats early.
  const fraction = (): number => {
    state = (state + 0x9e3779b9) | 0;
    return scramble(state) / 0x1_0000_0000;
  };
  const integer = (lowest: number, highest: number): number =>
    lowest + Math.floor(fraction() * (highest - lowest + 1));
  return {
    fraction,
    integer,
    chance: (probability) => fraction() < probability,
    pick: (items) => items[integer(0, items.length - 1)]!,
    shuffle: (items) => {
      const shuffled = [...items];
      for (let last = shuffled.length - 1; last > 0; last -= 1) {
        const other = integer(0, last);
        [shuffled[last], shuffled[other]] = [shuffled[other]!, shuffled[last]!];
      }
      return shuffled;
    },
  };
}

/** Spreads a change of one bit over all 32. */
function scramble(value: number): number {
  let mixed = value ^ (value >>> 16);
  mixed = Math.imul(mixed, 0x7feb352d);
  mixed ^= mixed >>> 15;
  mixed = Math.imul(mixed, 0x846ca68b);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
