import { setMaxListeners } from "node:events";
import { performance } from "node:perf_hooks";
import type { Activity } from "../../contract/activity.ts";
import { badInput, Failure, failed } from "../../contract/failure.ts";
import { collectGarbage } from "./collect-garbage.ts";
import { PaceMeter } from "./pace-meter.ts";

/** How long work tells the window what it does. */
export interface Progress {
  /** Begins a new stretch that is counted from 0. */
  start(step: string, total: number | null, unit: string): void;
  /**
   * Reports how far it is. Waits here while the operator has paused;
   * throws Failure `CANCELLED` once he has cancelled. Call it where stopping leaves nothing half-done.
   */
  report(done: number, step?: string): Promise<void>;
  /** Aborts when the operator cancels: for requests that are under way. */
  readonly signal: AbortSignal;
}

/** Watchers are told at most this often while numbers only count up. */
const leastMillisecondsBetweenTellings = 100;

class RunningActivity implements Progress {
  readonly #abort = new AbortController();
  readonly #tell: () => void;
  readonly #kind: Activity["kind"];
  #step = "";
  #unit = "steps";
  #done = 0;
  #total: number | null = null;
  #meter = new PaceMeter();
  #startedAt = performance.now();
  #pausedMilliseconds = 0;
  #pausedAt: number | null = null;
  /** Work that goes on several ways at once waits at several places. */
  readonly #waiting: (() => void)[] = [];
  #toldAt = 0;

  constructor(kind: Activity["kind"], tell: () => void) {
    this.#kind = kind;
    this.#tell = tell;
    // Every request under way listens to it; more than ten at once are no leak.
    setMaxListeners(0, this.#abort.signal);
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  start(step: string, total: number | null, unit: string): void {
    this.#step = step;
    this.#total = total;
    this.#unit = unit;
    this.#done = 0;
    this.#meter = new PaceMeter();
    this.#startedAt = performance.now();
    this.#pausedMilliseconds = 0;
    this.#meter.add(0, 0);
    this.#tell();
  }

  async report(done: number, step?: string): Promise<void> {
    this.#done = done;
    collectGarbage();
    if (step !== undefined) this.#step = step;
    const instant = performance.now();
    if (step !== undefined || instant - this.#toldAt >= leastMillisecondsBetweenTellings) {
      this.#toldAt = instant;
      this.#meter.add((instant - this.#startedAt - this.#pausedMilliseconds) / 1000, done);
      this.#tell();
    }
    if (this.#pausedAt !== null && !this.signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    }
    if (this.signal.aborted) throw cancelled();
  }

  pause(): void {
    this.#pausedAt ??= performance.now();
    this.#tell();
  }

  resume(): void {
    if (this.#pausedAt !== null) this.#pausedMilliseconds += performance.now() - this.#pausedAt;
    this.#pausedAt = null;
    for (const wake of this.#waiting.splice(0)) wake();
    this.#tell();
  }

  cancel(): void {
    this.#abort.abort();
    this.resume();
  }

  state(): Activity {
    return {
      kind: this.#kind,
      step: this.#step,
      done: this.#done,
      total: this.#total,
      unit: this.#unit,
      rate: this.#meter.rate(),
      secondsLeft: this.#meter.secondsLeft(this.#total),
      paused: this.#pausedAt !== null,
      cancelling: this.signal.aborted,
    };
  }
}

function cancelled(cause?: unknown): Failure {
  return failed("CANCELLED", "Cancelled.", "Start it again when you like; nothing is lost.", cause);
}

/** Runs one long task at a time and lets hosts watch, pause and cancel it. */
export class ActivityDesk {
  #running: RunningActivity | null = null;
  readonly #watchers = new Set<() => void>();

  /** @throws Failure `BUSY` while another task runs. */
  async run<T>(kind: Activity["kind"], work: (progress: Progress) => Promise<T>): Promise<T> {
    this.requireIdle();
    const activity = new RunningActivity(kind, () => this.#tell());
    this.#running = activity;
    this.#tell();
    try {
      return await work(activity);
    } catch (error) {
      // Whatever an aborted request was rejected with, the operator's cancelling is what happened.
      if (activity.signal.aborted && !(error instanceof Failure)) throw cancelled(error);
      throw error;
    } finally {
      this.#running = null;
      this.#tell();
    }
  }

  /** @throws Failure `BUSY` while a task runs. */
  requireIdle(): void {
    if (!this.#running) return;
    throw badInput(
      "BUSY",
      `Another task is running: ${this.#running.state().step || this.#running.state().kind}.`,
      "Wait until it ends, or cancel it.",
    );
  }

  /** Resolves when nothing runs any more. */
  async idle(): Promise<void> {
    for await (const state of this.watch()) if (state === null) return;
  }

  pause(): void {
    this.#running?.pause();
  }

  resume(): void {
    this.#running?.resume();
  }

  cancel(): void {
    this.#running?.cancel();
  }

  current(): Activity | null {
    return this.#running?.state() ?? null;
  }

  /** The present state at once, then every change. A slow watcher gets the latest, not every one. */
  async *watch(signal?: AbortSignal): AsyncGenerator<Activity | null> {
    let changed = true;
    let wake: (() => void) | null = null;
    const notify = () => {
      changed = true;
      wake?.();
    };
    this.#watchers.add(notify);
    signal?.addEventListener("abort", notify);
    try {
      while (!signal?.aborted) {
        if (changed) {
          changed = false;
          yield this.current();
        } else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
          wake = null;
        }
      }
    } finally {
      this.#watchers.delete(notify);
      signal?.removeEventListener("abort", notify);
    }
  }

  #tell(): void {
    for (const watcher of this.#watchers) watcher();
  }
}
