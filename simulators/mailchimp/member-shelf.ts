import type { Member } from "./member.ts";

/** The members of one audience with one status, in order of their last change, first those without one; then by `webId`. */
export class MemberShelf {
  #members: Member[] = [];
  #inOrder = true;

  get size(): number {
    return this.#members.length;
  }

  /** Loading many: the order is made when first needed. */
  append(member: Member): void {
    this.#members.push(member);
    this.#inOrder = false;
  }

  insert(member: Member): void {
    this.#sort();
    this.#members.splice(this.#placeOf(member), 0, member);
  }

  /** Before the member is changed: it is found by its time. */
  remove(member: Member): void {
    this.#sort();
    const place = this.#placeOf(member);
    if (this.#members[place] === member) this.#members.splice(place, 1);
  }

  /** Members changed at `from` or later and before `to`, the oldest change first. */
  between(from: number, to: number): Member[] {
    this.#sort();
    return this.#members.slice(this.#firstAt(from), this.#firstAt(to));
  }

  countBetween(from: number, to: number): number {
    this.#sort();
    return Math.max(0, this.#firstAt(to) - this.#firstAt(from));
  }

  /** The same as `between`, of which only `count` from `offset` on. */
  stretch(from: number, to: number, offset: number, count: number): Member[] {
    this.#sort();
    const start = this.#firstAt(from) + offset;
    return this.#members.slice(start, Math.min(start + count, this.#firstAt(to)));
  }

  #sort(): void {
    if (this.#inOrder) return;
    this.#members.sort(inOrder);
    this.#inOrder = true;
  }

  #firstAt(time: number): number {
    return this.#search((member) => changedAt(member) < time);
  }

  #placeOf(wanted: Member): number {
    return this.#search((member) => inOrder(member, wanted) < 0);
  }

  #search(isBefore: (member: Member) => boolean): number {
    let low = 0;
    let high = this.#members.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isBefore(this.#members[middle]!)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

export function inOrder(a: Member, b: Member): number {
  return changedAt(a) - changedAt(b) || a.webId - b.webId;
}

function changedAt({ lastChanged }: Member): number {
  return lastChanged ?? Number.NEGATIVE_INFINITY;
}
