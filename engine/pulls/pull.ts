import { Failure, failed } from "../../contract/failure.ts";
import type { PullReport, PullRequest, PullStream } from "../../contract/pulls.ts";
import type { Progress } from "../activity/activity.ts";
import type { Project } from "../project/project.ts";
import type { EngineHost } from "../workspace/workspace.ts";
import { apiSource, rememberApiSource, rememberUnanswered } from "./api-sources.ts";
import { keepPage } from "./keep-page.ts";
import { RawPages } from "./raw-pages.ts";
import { type SettledPull, settlePull } from "./settle-pull.ts";
import {
  connectSource,
  openExport,
  otherCandidates,
  type SourceAccess,
  unconfirmedWords,
} from "./source-connection.ts";
import {
  type AskedAccount,
  apiStream,
  beginPull,
  countReceived,
  discardPull,
  isOf,
  lastMark,
  notesOf,
  readAnew,
  type StreamState,
  streamsOf,
  toldOf,
  type UnfinishedPull,
  unfinishedPull,
} from "./unfinished-pull.ts";

/**
 * Exports a source over its API: everything the first time, what changed after that. Each page is durable together
 * with the place to go on from; a pull that was cut off goes on there. What it brought counts only once every stream
 * was read to its end, all at once; until then the gate is locked, and so it is while a source that was asked did not answer.
 * @throws Failure where key, endpoint or user_id are not right, or the vendor's trouble outlasts the retries
 */
export async function pull(
  project: Project,
  host: EngineHost,
  request: PullRequest,
  progress: Progress,
): Promise<PullReport> {
  try {
    return await pullToItsEnd(project, host, request, progress);
  } catch (error) {
    const failure = asFailure(error, request.source, progress);
    if (!progress.signal.aborted) await rememberUnanswered(project.store, request.source, failure.message);
    throw failure;
  }
}

async function pullToItsEnd(
  project: Project,
  host: EngineHost,
  request: PullRequest,
  progress: Progress,
): Promise<PullReport> {
  const startedAt = performance.now();
  const { store } = project;
  progress.start(`Asking ${request.source}`, null, "entries");
  const access = await accessFor(project, host, request, progress);
  const { source } = access;
  const api = await openExport(host, access, progress.signal);
  const asked: AskedAccount = { ...access, ...(await api.probe()) };
  await rememberApiSource(store, {
    source,
    account: asked.account,
    endpoint: access.endpoint,
    user_id_field: access.userIdField,
    unconfirmed: access.unconfirmed,
  });
  const begun = (await goOn(project, asked, request.full ?? false)) ?? (await begin());
  const streams = await streamsOf(store, begun.pull_id);
  const pages = await RawPages.open(project.folder, source, begun.pull_id);
  let bytes = 0;
  try {
    await store.withMemoryFor("loading", async () => {
      for (const stream of streams) if (!stream.complete) await readStream(begun, stream, pages);
    });
  } finally {
    bytes = await pages.close();
  }
  progress.start(`Settling what ${source} sent`, null, "entries");
  const notes = await notesOf(store, begun.pull_id);
  const { settled, report } = await store.withMemoryFor("settling", async () => {
    const received = await countReceived(store, begun.pull_id);
    const told = streams.map((stream) => toldOf(stream, received.get(stream.position) ?? 0));
    await refuseShort(begun, told);
    return settlePull(store, begun, { path: pages.landing, bytes }, (counts) =>
      reportOf(begun, told, { account: asked.account, notes, ...counts }),
    );
  });
  if (!settled.anythingNew) await RawPages.discard(project.folder, source, begun.pull_id);
  await project.journal.append("pull_ended", {
    source,
    pull: begun.pull_id,
    kind: begun.kind,
    received: report.received,
    rejected: report.rejected,
    added: report.added,
    changed: report.changed,
    gone: report.gone,
    opted_in_again: report.opted_in_again,
  });
  return report;

  async function begin(): Promise<UnfinishedPull> {
    const plan = await api.plan(request.full ? null : await lastMark(store, asked));
    const begun = await beginPull(store, asked, plan);
    await project.journal.append("pull_started", { source, pull: begun.pull_id, kind: begun.kind });
    return begun;
  }

  async function readStream(begun: UnfinishedPull, stream: StreamState, pages: RawPages): Promise<void> {
    progress.start(`${source}: ${stream.title}`, stream.declared, "entries");
    const from = stream.checkpoint === null ? null : JSON.parse(stream.checkpoint);
    let declared = stream.declared;
    for await (const page of api.read(apiStream(stream), from)) {
      await pages.append(stream.stream_id, page.raw);
      await keepPage(store, begun, stream, page);
      if (stream.declared !== declared) {
        declared = stream.declared;
        progress.start(`${source}: ${stream.title}`, declared, "entries");
      }
      await progress.report(stream.received + stream.rejected);
      if (page.last) return;
    }
    throw failed(
      "PULL_UNPROVEN",
      `${source} stopped sending “${stream.title}” without saying that it ends there.`,
      "Pull again: it goes on where it stopped.",
    );
  }

  /** Fewer different entries than the vendor says there are prove nothing, whatever mark the stream ended with (invariant 3). */
  async function refuseShort({ pull_id }: UnfinishedPull, told: readonly PullStream[]): Promise<void> {
    const short = told.filter(({ declared, received }) => declared !== null && received < declared);
    if (short.length === 0) return;
    await readAnew(
      store,
      pull_id,
      short.map((stream) => told.indexOf(stream)),
    );
    const words = short.map(({ title, declared, received }) => `“${title}”: ${received} of ${declared}`);
    throw failed(
      "PULL_SHORT",
      `${source} ended with fewer entries than it says there are, so somebody may be missing. ${words.join("; ")}.`,
      "Pull again: these parts are read from their beginning. If it stays so, ask the vendor's support.",
    );
  }

  function reportOf(
    begun: UnfinishedPull,
    told: PullStream[],
    found: Omit<SettledPull, "anythingNew"> & { account: string; notes: string[] },
  ): PullReport {
    const declared = told.filter((stream) => stream.declared !== null);
    // What is held against each other must speak of the same things.
    const counted = declared.length > 0 ? declared : told;
    return {
      source,
      account: found.account,
      kind: begun.kind,
      user_id_field: begun.user_id_field,
      declared:
        declared.length === 0 ? null : declared.reduce((sum, stream) => sum + (stream.declared ?? 0), 0),
      received: counted.reduce((sum, stream) => sum + stream.received, 0),
      rejected: told.reduce((sum, stream) => sum + stream.rejected, 0),
      complete: told.every((stream) => stream.complete),
      streams: told,
      added: found.added,
      changed: found.changed,
      gone: found.gone,
      opted_in_again: found.optedInAgain,
      notes: [
        ...(access.unconfirmed === null ? [] : [unconfirmedWords(source, access.unconfirmed)]),
        ...found.notes,
      ],
      seconds: (performance.now() - startedAt) / 1000,
    };
  }
}

/** Where and how to ask: what the operator says now, else what he said before, else what the field's name says. */
async function accessFor(
  project: Project,
  host: EngineHost,
  request: PullRequest,
  progress: Progress,
): Promise<SourceAccess & { unconfirmed: string | null }> {
  const { source, userIdField } = request;
  const known = await apiSource(project.store, source);
  const endpoint = request.endpoint ?? known?.endpoint ?? null;
  if (userIdField !== undefined) return { source, endpoint, userIdField, unconfirmed: null };
  if (known) return { source, endpoint, userIdField: known.user_id_field, unconfirmed: known.unconfirmed };
  const connection = await connectSource(host, source, endpoint, progress.signal);
  return {
    source,
    endpoint,
    userIdField: connection.suggestion,
    unconfirmed: otherCandidates(connection),
  };
}

/** The pull to go on with; one that cannot go on as it was begun is taken back. */
async function goOn(
  project: Project,
  asked: AskedAccount,
  full: boolean,
): Promise<UnfinishedPull | undefined> {
  const { source } = asked;
  const begun = await unfinishedPull(project.store, source);
  if (!begun) return undefined;
  if (isOf(begun, asked) && (begun.kind === "full" || !full)) return begun;
  await discardPull(project.store, begun);
  await RawPages.discard(project.folder, source, begun.pull_id);
  await project.journal.append("pull_discarded", { source, pull: begun.pull_id });
  return undefined;
}

/** Whatever an aborted request was rejected with, the operator's cancelling is what happened. */
function asFailure(error: unknown, source: string, progress: Progress): Failure {
  if (progress.signal.aborted)
    return failed("CANCELLED", "Cancelled.", "Pull again when you like: it goes on where it stopped.", error);
  if (error instanceof Failure) return error;
  return failed(
    "PULL_STOPPED",
    `The export of ${source} stopped: ${error instanceof Error ? error.message.split("\n")[0] : "unknown trouble"}.`,
    "Pull again: it goes on where it stopped.",
    error,
  );
}
