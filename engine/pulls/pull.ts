import { Failure, failed } from "../../contract/failure.ts";
import type { PullReport, PullRequest } from "../../contract/pulls.ts";
import type { Progress } from "../activity/activity.ts";
import type { Project } from "../project/project.ts";
import type { EngineHost } from "../workspace/workspace.ts";
import { apiSource, rememberApiSource } from "./api-sources.ts";
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
  apiStream,
  beginPull,
  discardPull,
  lastMark,
  notesOf,
  type StreamState,
  streamsOf,
  type UnfinishedPull,
  unfinishedPull,
} from "./unfinished-pull.ts";

/**
 * Exports a source over its API: everything the first time, what changed after that. Each page is durable together
 * with the place to go on from; a pull that was cut off goes on there. What it brought counts only once every stream
 * was read to its end, all at once; until then the gate is locked.
 * @throws Failure where key, endpoint or user_id are not right, or the vendor's trouble outlasts the retries
 */
export async function pull(
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
  try {
    const { account } = await api.probe();
    await rememberApiSource(store, {
      source,
      account,
      endpoint: access.endpoint,
      user_id_field: access.userIdField,
      unconfirmed: access.unconfirmed,
    });
    const begun = (await goOn(project, access, request.full ?? false)) ?? (await begin());
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
    const { settled, report } = await store.withMemoryFor("settling", () =>
      settlePull(store, begun, { path: pages.landing, bytes }, ({ received, ...counts }) =>
        reportOf(begun, streams, { account, received, notes, ...counts }),
      ),
    );
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
  } catch (error) {
    throw asFailure(error, source, progress);
  }

  async function begin(): Promise<UnfinishedPull> {
    const plan = await api.plan(request.full ? null : await lastMark(store, access));
    const begun = await beginPull(store, access, plan);
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

  function reportOf(
    begun: UnfinishedPull,
    streams: readonly StreamState[],
    found: Omit<SettledPull, "anythingNew"> & { account: string; notes: string[] },
  ): PullReport {
    const told = streams.map((stream) => ({
      id: stream.stream_id,
      title: stream.title,
      carriesSuppressions: stream.carries_suppressions,
      declared: stream.declared,
      received: (found.received.get(stream.position) ?? 0) + stream.rejected,
      rejected: stream.rejected,
      complete: stream.complete,
    }));
    const short = told.filter(({ declared, received: read }) => declared !== null && read < declared);
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
        ...short.map(
          ({ title, declared: said, received: read }) =>
            `“${title}”: the vendor says ${said} and sent ${read} different ones to the end; people moved while it was read.`,
        ),
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
  { source, endpoint, userIdField }: SourceAccess,
  full: boolean,
): Promise<UnfinishedPull | undefined> {
  const begun = await unfinishedPull(project.store, source);
  if (!begun) return undefined;
  const same =
    begun.endpoint === endpoint && begun.user_id_field === userIdField && (begun.kind === "full" || !full);
  if (same) return begun;
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
