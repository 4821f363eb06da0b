import { pause } from "./pause.ts";

export interface LineRules {
  /** How many tasks may be under way together at this moment. */
  seats(): number;
  /** When the next task may start, on the clock of `performance.now`. */
  nextStart(): number;
  /** A task starts. */
  started?(now: number): void;
  signal: AbortSignal | undefined;
}

/** Tasks that wait in line: each starts in the order asked, as early as the rules allow. */
export interface Line {
  /** Rejects with the signal's reason where it is aborted before the task started. */
  run<T>(task: () => Promise<T>): Promise<T>;
  /** The rules may allow more by now. */
  lookAgain(): void;
}

/**
 * The clock is monotonic: changes of the wall clock do nothing, and after a laptop's sleep the line goes on where it
 * stood, with no more starts together than the rules always allow.
 */
export function createLine({ seats, nextStart, started, signal }: LineRules): Line {
  let underWay = 0;
  let lookAgain = () => {};
  let lastInLine: Promise<unknown> = Promise.resolve();

  async function waitForTurn(): Promise<void> {
    for (;;) {
      signal?.throwIfAborted();
      const now = performance.now();
      const wait = nextStart() - now;
      if (wait > 0) await pause(wait, signal);
      else if (underWay >= seats()) {
        await new Promise<void>((resolve) => {
          lookAgain = resolve;
        });
      } else {
        underWay += 1;
        started?.(now);
        return;
      }
    }
  }

  return {
    async run(task) {
      const turn = lastInLine.then(waitForTurn);
      lastInLine = turn.catch(() => {});
      await turn;
      try {
        return await task();
      } finally {
        underWay -= 1;
        lookAgain();
      }
    },
    lookAgain: () => lookAgain(),
  };
}
