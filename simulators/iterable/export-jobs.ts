import type { SimulatedEvent, SimulatedUser } from "./project.ts";

/** One row of an export, written when it is fetched. */
export type ExportRow = { user: SimulatedUser } | { event: SimulatedEvent };

export interface ExportJob {
  id: number;
  dataTypeName: string;
  state: "enqueued" | "running" | "completed" | "failed" | "cancelled";
  startedAt: number;
  endedAt: number | null;
  truncated: boolean;
  /** By name, in order; those from `visible` on are not written yet. */
  files: { name: string; rows: ExportRow[] }[];
  visible: number;
}

export interface JobSettings {
  rowsPerFile: number;
  /** How often a job is asked for while it runs; files appear little by little. */
  pollsWhileRunning: number;
  /** At most this many run at once in the organisation. */
  concurrentJobs: number;
  /** Jobs of other projects of the organisation that run for as many polls. */
  otherJobs: number;
  /** Jobs fall back from running to enqueued once. */
  fallsBack: boolean;
  /** Jobs with these numbers, counted from 1, fail. */
  failing: readonly number[];
  /** Jobs with these numbers are cut short. */
  truncating: readonly number[];
}

interface Progress {
  polls: number;
  fellBack: boolean;
}

/** Job ids are above 2^31. */
const firstJobId = 4_300_000_000;

/** The organisation's export jobs. Nothing moves by itself: a job goes a step with each look at it. */
export class ExportJobs {
  readonly #settings: JobSettings;
  readonly #now: () => number;
  readonly #jobs = new Map<number, ExportJob>();
  readonly #progress = new Map<ExportJob, Progress>();
  #otherJobs: number;

  constructor(settings: JobSettings, now: () => number) {
    this.#settings = settings;
    this.#now = now;
    this.#otherJobs = settings.otherJobs;
  }

  start(dataTypeName: string, rows: ExportRow[]): ExportJob {
    const number = this.#jobs.size + 1;
    const { rowsPerFile } = this.#settings;
    const startedAt = this.#now();
    const job: ExportJob = {
      id: firstJobId + number,
      dataTypeName,
      state: "enqueued",
      startedAt,
      endedAt: null,
      truncated: this.#settings.truncating.includes(number),
      files: Array.from({ length: Math.ceil(rows.length / rowsPerFile) }, (_, position) => ({
        name: `file-${1_679_086_247_925 + number * 1_000_000 + position * 7}.json`,
        rows: rows.slice(position * rowsPerFile, (position + 1) * rowsPerFile),
      })),
      visible: 0,
    };
    this.#jobs.set(job.id, job);
    this.#progress.set(job, { polls: 0, fellBack: false });
    return job;
  }

  all(): ExportJob[] {
    return [...this.#jobs.values()];
  }

  /** Looks at the job, which goes on a step by that. Undefined where there is none. */
  look(id: number): ExportJob | undefined {
    const job = this.#jobs.get(id);
    if (job) this.#step(job);
    return job;
  }

  /** Forgets a job and its files, as the vendor does after a while. */
  drop(id: number): void {
    this.#jobs.delete(id);
  }

  cancel(id: number): boolean {
    const job = this.#jobs.get(id);
    if (job && (job.state === "enqueued" || job.state === "running")) job.state = "cancelled";
    return job !== undefined;
  }

  #step(job: ExportJob): void {
    const { concurrentJobs, pollsWhileRunning, fallsBack, failing } = this.#settings;
    const progress = this.#progress.get(job)!;
    if (job.state === "enqueued") {
      const running = this.all().filter(({ state }) => state === "running").length + this.#otherJobs;
      if (this.#otherJobs > 0) this.#otherJobs -= 1;
      if (running < concurrentJobs) job.state = "running";
      return;
    }
    if (job.state !== "running") return;
    progress.polls += 1;
    if (fallsBack && !progress.fellBack && progress.polls > pollsWhileRunning / 2) {
      progress.fellBack = true;
      job.state = "enqueued";
      return;
    }
    const done = progress.polls >= pollsWhileRunning;
    job.visible = done
      ? job.files.length
      : Math.floor((job.files.length * progress.polls) / (pollsWhileRunning + 1));
    if (!done) return;
    job.state = failing.includes(job.id - firstJobId) ? "failed" : "completed";
    job.endedAt = this.#now();
  }
}
