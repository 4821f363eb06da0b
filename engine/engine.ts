import { call, implement, ORPCError } from "@orpc/server";
import { engineContract } from "../contract/engine-contract.ts";
import { badInput, Failure, failed } from "../contract/failure.ts";
import type { WorkspaceRole } from "../contract/project.ts";
import { previewFile } from "../importers/open-file.ts";
import { ActivityDesk } from "./activity/activity.ts";
import { checkCertificate } from "./certificate/check-certificate.ts";
import { exportDifferences } from "./certificate/proof.ts";
import { now } from "./clock.ts";
import { decide } from "./decisions/decide.ts";
import { importDecisions } from "./decisions/decision-file.ts";
import { boundWorkspace } from "./delivery/bound-workspace.ts";
import { latestReports } from "./delivery/reports.ts";
import { uploadProfiles, uploadSuppressions } from "./delivery/upload.ts";
import { verify } from "./delivery/verify.ts";
import { verifyProfiles } from "./delivery/verify-profiles.ts";
import { exportDestinationConflicts, queryDestinationConflicts } from "./destination/conflicts.ts";
import { decideAllDestination, decideDestination, importDestinationDecisions } from "./destination/decide.ts";
import { lookUpDestination } from "./destination/look-up.ts";
import { destinationState } from "./destination/state.ts";
import { erase, previewErasure } from "./erasure/erase.ts";
import { gateState } from "./gate/gate.ts";
import { saveCertificate } from "./gate/save-certificate.ts";
import { lookForLeaks } from "./leaks/look.ts";
import { acceptLeak, leaksState } from "./leaks/stored-leaks.ts";
import { conflictDetail } from "./merge/conflict-detail.ts";
import { merge, mergeState, requireMerge } from "./merge/merge.ts";
import { exportConflicts, queryConflicts } from "./outputs/conflicts.ts";
import { exportPeople } from "./outputs/people.ts";
import { exportSuppressions } from "./outputs/suppressions.ts";
import { mapAttribute, previewAttributes } from "./plan/attribute-preview.ts";
import { currentPlan, makePlan, mapTopic } from "./plan/plan.ts";
import { Project } from "./project/project.ts";
import { apiSource } from "./pulls/api-sources.ts";
import { listOptedInAgain } from "./pulls/opted-in-again.ts";
import { pull } from "./pulls/pull.ts";
import { pulledSources } from "./pulls/pulled-sources.ts";
import { retireSource } from "./pulls/retire-source.ts";
import { connectSource } from "./pulls/source-connection.ts";
import { rehearsalState } from "./rehearsal/rehearsal.ts";
import { compareSends } from "./send/compare-deliveries.ts";
import { mailingOf, send, settleSend } from "./send/send.ts";
import { comparisonIsDue } from "./send/sendings.ts";
import { importFiles } from "./sources/import-files.ts";
import { listFiles } from "./sources/list-files.ts";
import { acceptRejects, exportRejects, listRejects } from "./sources/rejects.ts";
import { replaceByWord } from "./sources/replace-file.ts";
import { refuseShrink, rememberProven } from "./sync/proven-suppressions.ts";
import { changeSchedule, nextRun } from "./sync/schedule.ts";
import { sync, syncNotReady } from "./sync/sync.ts";
import { syncState } from "./sync/sync-state.ts";
import { undoListings } from "./undo/undo-listings.ts";
import {
  connectWorkspace,
  type EngineHost,
  useWorkspace,
  workspaceClient,
  writingClient,
} from "./workspace/workspace.ts";

/**
 * The migration itself, without a window: it holds at most one open project and runs one long task at a time.
 * `router` answers every call of the contract; failures come out as the contract's `FAILURE`.
 */
export function createEngine(host: EngineHost) {
  const desk = new ActivityDesk();
  let open: Project | null = null;
  const quiet = new AbortController().signal;

  const project = (): Project => {
    if (!open) throw badInput("NO_PROJECT_OPEN", "No project is open.", "Open or make one first.");
    return open;
  };
  const merged = async (): Promise<Project> => {
    await requireMerge(project().store);
    return project();
  };
  const close = async (): Promise<void> => {
    const closing = open;
    open = null;
    desk.cancel();
    await desk.idle();
    await closing?.close();
  };
  const replaceOpen = async (next: () => Promise<Project>) => {
    await close();
    open = await next();
    return open.info();
  };

  /** What runs works on one workspace to its end. */
  const mayTurnTo = async (role: WorkspaceRole): Promise<void> => {
    const active = await project().workspace();
    if (active && active.role !== role) desk.requireIdle();
  };

  const contract = implement(engineContract).use(async ({ next }) => {
    try {
      return await next();
    } catch (error) {
      throw asContractError(error);
    }
  });

  const router = contract.router({
    project: {
      create: contract.project.create.handler(({ input }) => replaceOpen(() => Project.create(input))),
      open: contract.project.open.handler(({ input }) => replaceOpen(() => Project.open(input.folder))),
      close: contract.project.close.handler(close),
      current: contract.project.current.handler(async () => (open ? open.info() : null)),
    },
    workspace: {
      connect: contract.workspace.connect.handler(async ({ input }) => {
        await mayTurnTo(input.role);
        return connectWorkspace(project(), host, input.role, input.endpoint, quiet);
      }),
      use: contract.workspace.use.handler(async ({ input }) => {
        await mayTurnTo(input.role);
        return useWorkspace(project(), input.role);
      }),
      rehearsal: contract.workspace.rehearsal.handler(() => rehearsalState(project())),
    },
    sources: {
      list: contract.sources.list.handler(() => listFiles(project().store)),
      preview: contract.sources.preview.handler(async ({ input }) =>
        Promise.all(input.files.map(previewFile)),
      ),
      importFiles: contract.sources.importFiles.handler(({ input }) =>
        desk.run("import", (progress) => importFiles(project(), input, progress)),
      ),
      replace: contract.sources.replace.handler(({ input }) =>
        replaceByWord(project(), input.earlier, input.later, input.reason),
      ),
      rejects: contract.sources.rejects.handler(({ input }) =>
        listRejects(project().store, input.offset, input.limit),
      ),
      exportRejects: contract.sources.exportRejects.handler(({ input }) =>
        exportRejects(project().store, input.file),
      ),
      acceptRejects: contract.sources.acceptRejects.handler(({ input }) =>
        acceptRejects(project(), input.file, input.reason),
      ),
      connect: contract.sources.connect.handler(async ({ input }) => {
        const known = await apiSource(project().store, input.source);
        return connectSource(host, input.source, input.endpoint ?? known?.endpoint ?? null, quiet);
      }),
      pull: contract.sources.pull.handler(({ input }) =>
        desk.run("pull", (progress) => pull(project(), host, input, progress)),
      ),
      pulled: contract.sources.pulled.handler(() => pulledSources(project().store)),
      retire: contract.sources.retire.handler(({ input }) =>
        retireSource(project(), input.source, input.reason),
      ),
      optedInAgain: contract.sources.optedInAgain.handler(({ input }) =>
        listOptedInAgain(project().store, input.offset, input.limit),
      ),
    },
    sync: {
      run: contract.sync.run.handler(({ input }) =>
        desk.run("sync", (progress) => sync(project(), host, input, progress)),
      ),
      state: contract.sync.state.handler(() => syncState(project())),
      schedule: contract.sync.schedule.handler(async ({ input }) => {
        await changeSchedule(project(), input.everyMinutes);
        return syncState(project());
      }),
    },
    merge: {
      run: contract.merge.run.handler(() =>
        desk.run("merge", (progress) => merge(project().store, project().sourcePriority, progress)),
      ),
      state: contract.merge.state.handler(() => mergeState(project().store, project().sourcePriority)),
      conflicts: contract.merge.conflicts.handler(async ({ input }) =>
        queryConflicts((await merged()).store, input),
      ),
      conflict: contract.merge.conflict.handler(async ({ input }) =>
        conflictDetail((await merged()).store, input.conflictId),
      ),
      decide: contract.merge.decide.handler(async ({ input }) =>
        decide(await merged(), [{ line: 0, ...input }], host.name),
      ),
      importDecisions: contract.merge.importDecisions.handler(async ({ input }) =>
        importDecisions(await merged(), input.file, host.name),
      ),
      exportConflicts: contract.merge.exportConflicts.handler(async ({ input }) =>
        exportConflicts((await merged()).store, input.file, input.machine ? "machine" : "human"),
      ),
      exportPeople: contract.merge.exportPeople.handler(async ({ input }) =>
        exportPeople((await merged()).store, input.file),
      ),
      exportSuppressions: contract.merge.exportSuppressions.handler(async ({ input }) =>
        exportSuppressions((await merged()).store, input.file),
      ),
    },
    plan: {
      make: contract.plan.make.handler(async ({ input }) => {
        const target = await merged();
        return desk.run("plan", (progress) => makePlan(target, input, progress));
      }),
      current: contract.plan.current.handler(() => currentPlan(project())),
      mapTopic: contract.plan.mapTopic.handler(async ({ input }) => {
        const target = await merged();
        return desk.run("plan", (progress) => mapTopic(target, input, progress));
      }),
    },
    destination: {
      lookUp: contract.destination.lookUp.handler(async () => {
        const target = await merged();
        return desk.run("look_up", async (progress) => {
          await lookUpDestination(target, await workspaceClient(target, host, progress.signal), progress);
          return (await destinationState(target))!;
        });
      }),
      state: contract.destination.state.handler(() => destinationState(project())),
      conflicts: contract.destination.conflicts.handler(({ input }) =>
        queryDestinationConflicts(project(), input),
      ),
      decide: contract.destination.decide.handler(({ input }) =>
        decideDestination(project(), [{ line: 0, ...input }], host.name),
      ),
      decideAll: contract.destination.decideAll.handler(({ input }) =>
        decideAllDestination(project(), input, host.name),
      ),
      exportConflicts: contract.destination.exportConflicts.handler(({ input }) =>
        exportDestinationConflicts(project(), input.file),
      ),
      importDecisions: contract.destination.importDecisions.handler(({ input }) =>
        importDestinationDecisions(project(), input.file, host.name),
      ),
      attributes: contract.destination.attributes.handler(() => previewAttributes(project())),
      mapAttributes: contract.destination.mapAttributes.handler(async ({ input }) => {
        const target = await merged();
        return desk.run("plan", async (progress) => {
          for (const mapping of input) await mapAttribute(target, mapping);
          await makePlan(target, {}, progress);
          return previewAttributes(target);
        });
      }),
    },
    delivery: {
      uploadSuppressions: contract.delivery.uploadSuppressions.handler(({ input }) =>
        desk.run("upload_suppressions", async (progress) => {
          if (!input.dryRun) await refuseShrink(project(), input.allowShrink);
          const client = await writingClient(project(), host, input, progress.signal);
          return uploadSuppressions(project(), client, input, progress);
        }),
      ),
      verify: contract.delivery.verify.handler(() =>
        desk.run("verify", async (progress) => {
          const client = await workspaceClient(project(), host, progress.signal);
          const report = await verify(project(), client, progress);
          await rememberProven(project());
          return report;
        }),
      ),
      uploadProfiles: contract.delivery.uploadProfiles.handler(({ input }) =>
        desk.run("upload_profiles", async (progress) =>
          uploadProfiles(
            project(),
            await writingClient(project(), host, input, progress.signal),
            input,
            progress,
          ),
        ),
      ),
      verifyProfiles: contract.delivery.verifyProfiles.handler(() =>
        desk.run("verify_profiles", async (progress) =>
          verifyProfiles(project(), await workspaceClient(project(), host, progress.signal), progress),
        ),
      ),
      send: contract.delivery.send.handler(({ input }) =>
        desk.run("send", (progress) =>
          send(
            project(),
            () => writingClient(project(), host, input, quiet),
            mailingOf(input),
            progress,
            input,
          ),
        ),
      ),
      settleSend: contract.delivery.settleSend.handler(async ({ input }) => {
        await settleSend(project(), mailingOf(input), input.wasSent, host.name);
        return leaksState(project());
      }),
      checkSend: contract.delivery.checkSend.handler(() =>
        desk.run("leaks", async (progress) => {
          const client = await workspaceClient(project(), host, progress.signal);
          await compareSends(project(), client, progress);
          return leaksState(project());
        }),
      ),
      reports: contract.delivery.reports.handler(() => latestReports(project())),
      undo: contract.delivery.undo.handler(({ input }) =>
        desk.run("undo", async (progress) =>
          undoListings(
            project(),
            await writingClient(project(), host, input, progress.signal),
            { ...input, decidedBy: host.name },
            progress,
          ),
        ),
      ),
    },
    erasure: {
      preview: contract.erasure.preview.handler(async ({ input }) =>
        previewErasure(project(), await workspaceClient(project(), host, quiet), input),
      ),
      run: contract.erasure.run.handler(({ input }) =>
        desk.run("erase", async (progress) =>
          erase(
            project(),
            await workspaceClient(project(), host, progress.signal),
            { ...input, decidedBy: host.name },
            progress,
          ),
        ),
      ),
    },
    leaks: {
      state: contract.leaks.state.handler(() => leaksState(project())),
      look: contract.leaks.look.handler(() =>
        desk.run("leaks", async (progress) => {
          const client = await workspaceClient(project(), host, progress.signal);
          const { id } = await boundWorkspace(project(), client);
          await lookForLeaks(project(), client, id, progress);
          return leaksState(project());
        }),
      ),
      accept: contract.leaks.accept.handler(({ input }) =>
        acceptLeak(project(), input.id, input.reason, host.name),
      ),
    },
    gate: {
      state: contract.gate.state.handler(() => gateState(project())),
      saveCertificate: contract.gate.saveCertificate.handler(({ input }) =>
        saveCertificate(project(), input.file),
      ),
      checkCertificate: contract.gate.checkCertificate.handler(({ input }) =>
        checkCertificate(input.file, input.ofProject ? project() : null),
      ),
      exportDifferences: contract.gate.exportDifferences.handler(({ input }) =>
        exportDifferences(project().store, input.file),
      ),
    },
    activity: {
      watch: contract.activity.watch.handler(({ signal }) => desk.watch(signal)),
      pause: contract.activity.pause.handler(async () => desk.pause()),
      resume: contract.activity.resume.handler(async () => desk.resume()),
      cancel: contract.activity.cancel.handler(async () => desk.cancel()),
    },
  });

  /** Runs the sync of the open project if one is due and nothing else runs. The window's engine calls it every minute. */
  const syncWhenDue = async (): Promise<void> => {
    if (!open || desk.current()) return;
    const due = await nextRun(open);
    if (due === null || due > now() || (await syncNotReady(open))) return;
    await desk.run("sync", (progress) => sync(project(), host, { scheduled: true }, progress));
  };

  /** Compares what was sent with the suppressions again if that is due and nothing else runs; called like `syncWhenDue`. */
  const compareWhenDue = async (): Promise<void> => {
    const workspace = open && (await open.workspace());
    if (!workspace || desk.current() || !(await comparisonIsDue(open!.store, workspace.id))) return;
    await call(router.delivery.checkSend, undefined);
  };

  return { router, close, syncWhenDue, compareWhenDue };
}

/** Failures travel whole; anything else is a fault of ours, told without its inner workings. */
function asContractError(error: unknown): unknown {
  if (error instanceof ORPCError) return error;
  const failure =
    error instanceof Failure
      ? error
      : failed(
          "UNEXPECTED",
          `Something went wrong that Sendgate did not expect (${error instanceof Error ? error.message.split("\n")[0] : "unknown"}).`,
          "Try again; what was done before is kept. If it happens again, please report it.",
          error,
        );
  const { kind, code, message, nextStep } = failure;
  return new ORPCError("FAILURE", { message, data: { kind, code, message, nextStep }, defined: true });
}
