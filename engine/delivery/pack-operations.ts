import { type OversizeItem, type PackedBatch, packBatches } from "../../customerio/batch-packing.ts";
import type { IdentifyItem } from "../../customerio/identify-item.ts";

export interface PlannedIdentify {
  operation_id: number;
  /** An `IdentifyItem` as JSON text. */
  item: string;
}

export type Packed<T> = (PackedBatch & { operations: T[] }) | (OversizeItem & { operation: T });

/**
 * Packs planned identifies into batches while they are read, piece by piece. The last batch of a piece waits for
 * the next one, so the batches are those that packing everything at once would make.
 */
export async function* packOperations<T extends PlannedIdentify>(
  pieces: AsyncIterable<readonly T[]>,
): AsyncGenerator<Packed<T>> {
  let waiting: PackedBatch | null = null;
  let waitingOperations: T[] = [];
  for await (const piece of pieces) {
    const operations: T[] = [...waitingOperations, ...piece];
    waiting = null;
    for (const packed of packBatches(
      operations.map((operation) => JSON.parse(operation.item) as IdentifyItem),
    )) {
      if (packed.kind === "refused") {
        yield { ...packed, operation: operations[packed.position]! };
        continue;
      }
      if (waiting) yield withOperations(waiting, operations);
      waiting = packed;
    }
    waitingOperations = waiting ? waiting.positions.map((position) => operations[position]!) : [];
  }
  if (waiting) yield { ...waiting, operations: waitingOperations };
}

function withOperations<T>(batch: PackedBatch, operations: readonly T[]): PackedBatch & { operations: T[] } {
  return { ...batch, operations: batch.positions.map((position) => operations[position]!) };
}
