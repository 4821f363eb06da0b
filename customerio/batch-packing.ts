import { encodeItem, type IdentifyItem } from "./identify-item.ts";

/** Under the published 500 KB; whether a KB is 1,000 or 1,024 bytes is not said (reference/customerio.md §1.1). */
const maximumBatchBytes = 480_000;
/** Under the published 32 KB. */
export const maximumItemBytes = 31_000;
/** No figure is published; RudderStack's choice. */
const maximumBatchItems = 1_000;

const envelopeBytes = Buffer.byteLength('{"batch":[]}');

/** What fits one Track v2 batch. */
export interface PackedBatch {
  kind: "batch";
  items: IdentifyItem[];
  /** Where each item stood in the input. */
  positions: number[];
  /** Every way in which the items name their persons. */
  persons: Set<string>;
  /** UTF-8 bytes of the request body. */
  bytes: number;
}

/** An item that is too large to be sent at all. */
export interface OversizeItem {
  kind: "refused";
  position: number;
  reason: string;
}

/**
 * Packs items into batches that the destination takes, in order. Two operations on one person never share
 * a batch, since the order of processing inside a batch is not promised (reference/customerio.md §1.11).
 * Every item comes out exactly once, in a batch or as refused.
 */
export function* packBatches(items: Iterable<IdentifyItem>): Generator<PackedBatch | OversizeItem> {
  let batch = emptyBatch();
  let position = -1;
  for (const item of items) {
    position += 1;
    const bytes = Buffer.byteLength(encodeItem(item));
    if (bytes > maximumItemBytes) {
      yield {
        kind: "refused",
        position,
        reason: `The profile takes ${bytes} bytes and Customer.io allows ${maximumItemBytes}. Leave out or shorten some of its attributes.`,
      };
      continue;
    }
    const names = personNames(item);
    const full =
      batch.bytes + bytes + 1 > maximumBatchBytes ||
      batch.items.length === maximumBatchItems ||
      names.some((name) => batch.persons.has(name));
    if (full) {
      yield batch;
      batch = emptyBatch();
    }
    batch.bytes += bytes + (batch.items.length > 0 ? 1 : 0);
    batch.items.push(item);
    batch.positions.push(position);
    for (const name of names) batch.persons.add(name);
  }
  if (batch.items.length > 0) yield batch;
}

function emptyBatch(): PackedBatch {
  return { kind: "batch", items: [], positions: [], persons: new Set(), bytes: envelopeBytes };
}

/** Every way in which the item names its person: ids exactly, addresses without letter case. */
function personNames(item: IdentifyItem): string[] {
  const names = new Set<string>();
  for (const { id, email } of [item.identifiers, item.attributes] as Record<string, unknown>[]) {
    if (typeof id === "string") names.add(`id:${id}`);
    if (typeof email === "string") names.add(`email:${email.toLowerCase()}`);
  }
  return [...names];
}
