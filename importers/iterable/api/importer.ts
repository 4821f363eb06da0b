import type {
  ApiAccess,
  ApiExport,
  ApiImporter,
  ApiPage,
  ApiRecord,
  ApiStream,
  Checkpoint,
  PullPlan,
} from "../../api-importer.ts";
import { Connection, isObject } from "./connection.ts";
import { type DataType, readWindow } from "./data-window.ts";
import { createEventLookups, type EventLookups } from "./event-lookups.ts";
import { type JobMark, readJob } from "./export-job.ts";
import { basisOf, readMark, writeMark } from "./mark.ts";
import { type RowPage, readPages } from "./ndjson.ts";
import { planNotes } from "./notes.ts";
import { createProfiles, type Profiles } from "./profiles.ts";
import { type Project, readChannels, readProject, schemaCall } from "./project.ts";
import { createRecordMaker, eventTypes, type RecordMaker, type Row, userIdKey } from "./records.ts";
import { readMembers } from "./suppression-list.ts";
import { type Timing, vendorTiming } from "./timing.ts";
import { Trouble, troubleFailure, unexpected } from "./trouble.ts";
import { sampleSize, userIdCandidates } from "./user-id-candidates.ts";

/** A delta looks back further than the last pull by this much, for events that arrive late and clocks that differ. */
const overlapMs = 2 * 24 * 60 * 60 * 1000;

/** Iterable over its API (reference/iterable.md). */
export const iterableApiImporter: ApiImporter = {
  source: "iterable",
  capabilities: { full: true, delta: true, declaredTotals: false, topics: true },
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

/** Where the reading of a window stands: everything before it is read. Milliseconds since 1970. */
interface WindowMark {
  from: number;
}

/** Everything that reading rests on. */
interface Ready {
  project: Project;
  maker: RecordMaker;
  eventLookups: EventLookups;
}

class IterableExport implements ApiExport {
  readonly #connection: Connection;
  readonly #profiles: Profiles;
  readonly #userIdField: string | null;
  #ready: Promise<Ready> | undefined;

  constructor(access: ApiAccess, timing: Timing) {
    this.#connection = new Connection(access, timing);
    this.#profiles = createProfiles(this.#connection);
    this.#userIdField = access.userIdField;
  }

  async probe(): Promise<{ account: string }> {
    const { channels } = await readChannels(this.#connection);
    // The cheapest call that needs the right to export.
    await this.#connection.answer(schemaCall("/api/export/jobs"));
    return {
      account: `Iterable project with ${channels.kinds.size} channels, ${await this.#connection.place()}`,
    };
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
    const mark = readMark(since);
    const goesOn = mark?.basis === basis ? mark : null;
    return {
      kind: goesOn ? "delta" : "full",
      streams: streamsOf(project, goesOn && goesOn.at - overlapMs),
      mark: writeMark({ at, fullAt: goesOn?.fullAt ?? at, basis }),
      topicNames: project.topicNames,
      forgotten: {
        emails: [...project.forgotten.emails],
        // Where something else is the user_id, they speak of the users read earlier, and of nobody in other sources.
        ...(this.#userIdField === "userId"
          ? { userIds: [...project.forgotten.userIds] }
          : { userIds: [], keys: { prefix: userIdKey, hashes: [...project.forgotten.userIds] } }),
      },
      notes: planNotes(project, goesOn, mark !== null && goesOn === null),
    };
  }

  async *read({ id, title, scope }: ApiStream, from: Checkpoint | null): AsyncGenerator<ApiPage> {
    const listId = /^list\/(\d+)$/.exec(id)?.[1];
    const type = id === "users" ? "user" : eventTypes.find((known) => id === `events/${known}`);
    try {
      if (listId !== undefined) yield* this.#readList(listId);
      else if (id === forgottenStream.id) yield unknownForgotten;
      else if (type) yield* this.#readData(type, readCheckpoint(from) ?? readCheckpoint(scope ?? null));
      else throw unexpected("the plan", "it holds an unknown stream");
    } catch (error) {
      this.#connection.signal.throwIfAborted();
      throw error instanceof Trouble ? troubleFailure(`the export of ${title}`, error) : error;
    }
  }

  /** @param from where to go on; null for everything, from its beginning */
  async *#readData(type: DataType, from: WindowMark | JobMark | null): AsyncGenerator<ApiPage> {
    const { eventLookups } = await this.#prepare();
    if (from !== null && "from" in from) {
      for await (const page of readWindow(this.#connection, type, from.from)) {
        const users = type === "emailUnSubscribe" ? await eventLookups.usersBehind(page) : [];
        yield {
          records: [...(await this.#records(type, page)), ...users.map(({ record }) => record)],
          rejections: page.rejections,
          raw: [page.raw, ...users.map(({ raw }) => raw)].filter((text) => text !== "").join("\n"),
          checkpoint: { from: page.from },
          declared: null,
          last: page.last,
          ...(page.note === undefined ? {} : { note: page.note }),
        };
      }
      return;
    }
    for await (const page of readJob(this.#connection, type, from)) {
      yield {
        records: await this.#records(type, page),
        rejections: page.rejections,
        raw: page.raw,
        checkpoint: { ...page.mark },
        declared: null,
        last: page.last,
        ...(page.note === undefined ? {} : { note: page.note }),
      };
    }
  }

  async #records(type: DataType, { rows }: RowPage): Promise<ApiRecord[]> {
    const { maker, eventLookups } = await this.#prepare();
    if (type === "user") return rows.map(({ row, line }) => maker.user(row, line));
    return Promise.all(rows.map(({ row, line }) => eventLookups.record(type, row, line)));
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
        return { project, maker, eventLookups: createEventLookups(this.#profiles, maker, this.#userIdField) };
      },
      (error) => {
        this.#ready = undefined;
        throw error;
      },
    );
    return this.#ready;
  }
}

/**
 * Users come last: they are the state, and must not be older than the events.
 * @param from milliseconds since 1970 from which on changes are read; null for everything
 */
function streamsOf({ globalSuppressionLists, forgottenKnown }: Project, from: number | null): ApiStream[] {
  const scope = from === null ? null : { from };
  const titles = {
    emailBounce: "bounces",
    emailComplaint: "complaints",
    emailUnSubscribe: "unsubscribes",
  };
  return [
    ...(forgottenKnown ? [] : [forgottenStream]),
    ...eventTypes.map((type) => ({ id: `events/${type}`, title: titles[type], scope })),
    ...globalSuppressionLists.map(({ id, name }) => ({
      id: `list/${id}`,
      title: `global suppression list “${name.slice(0, 60)}”`,
    })),
    { id: "users", title: "users", scope },
  ].map((stream) => ({ ...stream, carriesSuppressions: true }));
}

/** Read only where Iterable refuses to tell who is in it: what is not known must be accounted for like a lost row. */
const forgottenStream = { id: "forgotten", title: "people who asked to be forgotten" };
const unknownForgotten: ApiPage = {
  records: [],
  rejections: [
    {
      line: 1,
      reason:
        "Iterable refused to tell who asked to be forgotten. Use a server-side key that may read it and pull again with --full, or accept that these people cannot be recognised.",
      row: "GET /api/users/forgotten, GET /api/users/forgottenUserIds",
    },
  ],
  raw: "",
  checkpoint: null,
  declared: null,
  last: true,
};

/** @returns where a job or a window was left; null for the beginning */
function readCheckpoint(from: Checkpoint | null): JobMark | WindowMark | null {
  if (!isObject(from)) return null;
  if (typeof from.from === "number") return { from: from.from };
  if (typeof from.job !== "string") return null;
  const text = (value: unknown) => (typeof value === "string" ? value : null);
  return { job: from.job, after: text(from.after), rest: text(from.rest) ?? "" };
}
