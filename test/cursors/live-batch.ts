import { type SourceId, sources } from "./sources.ts";

/** Some histories of one source; `seed` decides which. */
export interface Batch {
  source: SourceId;
  seed: number;
  histories: number;
}

/** What came of a batch, over all its histories. */
export interface BatchOutcome {
  lost: number;
  duplicated: number;
  /** The first history that went wrong, in words, so that it can be lived again. */
  trouble: string | null;
}

/** Histories that live at once: each waits for its simulator most of the time. */
const atOnce = 4;

/** @throws Error where a pull fails for another reason than the history's own */
export async function liveBatch({ source, seed, histories }: Batch): Promise<BatchOutcome> {
  const outcome: BatchOutcome = { lost: 0, duplicated: 0, trouble: null };
  const waiting = sources[source].sample(histories, seed);
  const lane = async () => {
    for (let history = waiting.shift(); history; history = waiting.shift()) {
      const tell = (what: string) => `${source}, seed ${seed}: ${what}\n${JSON.stringify(history!.told)}`;
      try {
        const { lost, duplicated } = await history.live();
        outcome.lost += lost.length;
        outcome.duplicated += duplicated.length;
        if (lost.length + duplicated.length > 0)
          outcome.trouble ??= tell(`lost ${lost.join(", ")}; duplicated ${duplicated.join(", ")}`);
      } catch (error) {
        throw new Error(tell("a pull failed"), { cause: error });
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return outcome;
}
