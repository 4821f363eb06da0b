import type { Activity } from "../contract/activity.ts";

/** Seconds between two lines where the output is no terminal, such as a log. */
const secondsBetweenLines = 10;

/** Shows the running activity: one line that rewrites itself in a terminal, a line now and then elsewhere. */
export class ProgressLine {
  readonly #output: NodeJS.WriteStream;
  #shown = false;
  #lastLine = 0;

  constructor(output: NodeJS.WriteStream) {
    this.#output = output;
  }

  show(activity: Activity | null): void {
    if (!activity) {
      this.clear();
      return;
    }
    if (this.#output.isTTY) {
      this.#output.write(`\r\u001b[K${describe(activity).slice(0, (this.#output.columns ?? 80) - 1)}`);
      this.#shown = true;
    } else if (Date.now() - this.#lastLine >= secondsBetweenLines * 1000) {
      if (this.#lastLine > 0) this.#output.write(`${describe(activity)}\n`);
      this.#lastLine = Date.now();
    }
  }

  clear(): void {
    if (this.#shown) this.#output.write("\r\u001b[K");
    this.#shown = false;
    this.#lastLine = 0;
  }
}

function describe({ step, done, total, unit, rate, secondsLeft, paused }: Activity): string {
  const counted =
    total === null ? `${amount(done, unit)}` : `${amount(done, unit)} of ${amount(total, unit)}`;
  // A rate of steps, each as long as it likes, says nothing.
  const pace = rate === null || unit === "steps" ? "" : `, ${amount(Math.round(rate), unit)} a second`;
  const left = secondsLeft === null ? "" : `, ${duration(secondsLeft)} left`;
  return `${step}: ${counted}${pace}${left}${paused ? ", paused" : ""}`;
}

function amount(count: number, unit: string): string {
  if (unit === "bytes") return `${(count / 1e6).toFixed(1)} MB`;
  return `${count.toLocaleString("en")} ${unit}`;
}

/** `45 s`, `12 min`, `2 h 5 min`. */
export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
