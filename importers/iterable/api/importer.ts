import type {
  ApiAccess,
  ApiExport,
  ApiImporter,
  ApiPage,
  ApiStream,
  Checkpoint,
  PullPlan,
} from "../../api-importer.ts";
import { Connection, isObject } from "./connection.ts";
import { type DataType, readWindow } from "./data-window.ts";
import { createEventPages, type EventPages } from "./events-page.ts";
import { type JobMark, readJob } from "./export-job.ts";
import { basisOf, type PullMark, readMark, writeMark } from "./mark.ts";
import { type RowPage, readPages } from "./ndjson.ts";
import { planNotes } from "./notes.ts";
import { createProfiles, type Profiles } from "./profiles.ts";
import { type Project, readChannels, readProject, schemaCall } from "./project.ts";
import { createRecordMaker, eventTypes, type RecordMaker, type Row } from "./records.ts";
import { readMembers } from "./suppression-list.ts";
import { type Timing, vendorTiming } from "./timing.ts";
import { Trouble, troubleFailure, unexpected } from "./trouble.ts";
import { sampleSize, userIdCandidates } from "./user-id-candidates.ts";

/** A delta looks back further than the last pull by this much, for events that arrive late and clocks that differ. */
const overlapMs = 2 * 24 * 60 * 60 * 1000;

/** Iterable over its API (reference/iterable.md). */
export const iterableApiImporter: ApiImporter = {
  source: "iterable",
  capabilities: { delta: true, declaredTotals: false, topics: true },
  connect: (access) =>
    createIterableExport(
      access,
      access.endpoint !== undefined && access.practiceMinuteMs !== undefined
        ? { ...vendorTiming, minuteMs: access.practiceMinuteMs }
        : vendorTiming,
    ),
};

/** @throws Failure `bad_input` where key or endpoint cannot be right */
export function createIterableExport(access: ApiAccess, timing: Timing): ApiExport {
  return new IterableExport(access, timing);
}

/** Everything that reading rests on. */
interface Ready {
  project: Project;
  maker: RecordMaker;
  eventPages: EventPages;
}

class IterableExport implements ApiExport {
  readonly #connection: Connection;
  readonly #profiles: Profiles;
  readonly #userIdField: string | null;
  #ready: Promise<Ready> | undefined;
  /** The mark that the plan goes on from; null for a full pull. */
  #since: PullMark | null = null;

  constructor(access: ApiAccess, timing: Timing) {
    this.#connection = new Connection(access, timing);
    this.#profiles = createProfiles(this.#connection);
    this.#userIdField = access.userIdField;
  }

  async probe(): Promise<{ account: string }> {
    const { kinds } = await readChannels(this.#connection);
    // The cheapest call that needs the right to export.
    await this.#connection.answer(schemaCall("/api/export/jobs"));
    return { account: `Iterable project with ${kinds.size} channels, ${await this.#connection.place()}` };
  }

  async userIdCandidates() {
    const rows: Row[] = [];
    const { pieces } = await this.#connection.stream({
      budget: "export_data",
      method: "GET",
      template: "/api/export/data.json",
      query: { dataTypeName: "user", range: "All" },
    });
    try {
      for await (const page of readPages(pieces)) {
        rows.push(...page.rows.map(({ row }) => row));
        if (rows.length >= sampleSize) break;
      }
    } catch (error) {
      // A sample may end anywhere.
      if (!(error instanceof Trouble)) throw error;
      if (rows.length === 0) throw troubleFailure("GET /api/export/data.json", error);
    }
    return userIdCandidates(rows);
  }

  async plan(since: Checkpoint | null): Promise<PullPlan> {
    this.#ready = undefined;
    const { project } = await this.#prepare();
    const { earlier: at } = this.#connection.clocks();
    const basis = basisOf(project, this.#userIdField);
    const last = readMark(since);
    this.#since = last?.basis === basis ? last : null;
    return {
      kind: this.#since ? "delta" : "full",
      streams: streamsOf(project),
      mark: writeMark({ at, fullAt: this.#since?.fullAt ?? at, basis }),
      notes: planNotes(project, this.#since, last !== null && this.#since === null),
    };
  }

  async *read(stream: ApiStream, from: Checkpoint | null): AsyncGenerator<ApiPage> {
    try {
      const [kind, name] = stream.id.split("/");
      if (kind === "list" && name !== undefined) yield* this.#readList(name);
      else if (stream.id === "users") yield* this.#readData("user", from);
      else {
        const type = eventTypes.find((known) => stream.id === `events/${known}`);
        if (!type) throw unexpected("the plan", "it holds an unknown stream");
        yield* this.#readData(type, from);
      }
    } catch (error) {
      this.#connection.signal.throwIfAborted();
      throw error instanceof Trouble ? troubleFailure(`the export of ${stream.title}`, error) : error;
    }
  }

  async *#readData(type: DataType, from: Checkpoint | null): AsyncGenerator<ApiPage> {
    const { maker, eventPages } = await this.#prepare();
    const toPage = async (page: RowPage, last: boolean, checkpoint: Checkpoint, isDelta: boolean) => {
      const made =
        type === "user"
          ? { records: page.rows.map(({ row, line }) => maker.user(row, line)), raw: page.raw }
          : await eventPages.records(type, page, isDelta && type === "emailUnSubscribe");
      return { ...made, rejections: page.rejections, checkpoint, declared: null, last };
    };
    const mark = readCheckpoint(from);
    const start = mark !== null && "from" in mark ? mark.from : this.#since && this.#since.at - overlapMs;
    if (start !== null && (mark === null || "from" in mark)) {
      for await (const page of readWindow(this.#connection, type, start))
        yield await toPage(page, page.last, { from: page.from }, true);
      return;
    }
    const job = mark !== null && "job" in mark ? mark : null;
    for await (const page of readJob(this.#connection, type, job))
      yield await toPage(page, page.last, { job: page.mark.job, after: page.mark.after }, false);
  }

  async *#readList(listId: string): AsyncGenerator<ApiPage> {
    const { project, maker } = await this.#prepare();
    const pages = readMembers(this.#connection, this.#profiles, project.mode, listId, this.#userIdField);
    for await (const { members, last } of pages)
      yield {
        records: members.map(({ printed, identity }, position) =>
          maker.listMember(listId, printed, identity, position + 1),
        ),
        rejections: [],
        raw: members.map(({ printed }) => printed).join("\n"),
        // The list comes whole or not at all, so it is always read from its beginning.
        checkpoint: null,
        declared: null,
        last,
      };
  }

  #prepare(): Promise<Ready> {
    this.#ready ??= readProject(this.#connection).then(
      (project) => {
        const maker = createRecordMaker(project, this.#userIdField);
        return { project, maker, eventPages: createEventPages(this.#profiles, maker, this.#userIdField) };
      },
      (error) => {
        this.#ready = undefined;
        throw error;
      },
    );
    return this.#ready;
  }
}

/** Users come last: they are the state, and must not be older than the events. */
function streamsOf({ globalSuppressionLists }: Project): ApiStream[] {
  const titles = {
    emailBounce: "bounces",
    emailComplaint: "complaints",
    emailUnSubscribe: "unsubscribes",
  };
  return [
    ...eventTypes.map((type) => ({ id: `events/${type}`, title: titles[type] })),
    ...globalSuppressionLists.map(({ id, name }) => ({
      id: `list/${id}`,
      title: `global suppression list “${name.slice(0, 60)}”`,
    })),
    { id: "users", title: "users" },
  ].map((stream) => ({ ...stream, carriesSuppressions: true }));
}

/** @returns where a job or a window was left; null for the beginning */
function readCheckpoint(from: Checkpoint | null): JobMark | { from: number } | null {
  if (!isObject(from)) return null;
  if (typeof from.from === "number") return { from: from.from };
  if (typeof from.job !== "string") return null;
  return { job: from.job, after: typeof from.after === "string" ? from.after : null };
}
