import { badInput } from "../../contract/failure.ts";
import type { ImportReport, ImportRequest } from "../../contract/sources.ts";
import type { SourceFilePart } from "../../importers/file-importer.ts";
import { openSourceFile } from "../../importers/open-file.ts";
import type { Progress } from "../activity/activity.ts";
import { sealText } from "../certificate/facts.ts";
import { fileSeals } from "../certificate/seals.ts";
import type { Project } from "../project/project.ts";
import type { Store } from "../store/store.ts";
import { type LandedFile, land } from "./landing.ts";
import { olderExports } from "./older-exports.ts";
import { replaceFile } from "./replace-file.ts";
import { loadUncounted, type UncountedLoader } from "./uncounted-loader.ts";

/** Rejections that the report lists by themselves (interfaces §2). */
const listedRejections = 100;

interface Candidate {
  part: SourceFilePart;
  landed: LandedFile;
  reading: string;
}

type FileReport = ImportReport["files"][number];

/**
 * Imports export files: copies them to `landing/`, recognises all of them before it reads any, and lets them count
 * all at once at the end, so that a file that fails, a cancel or a kill leaves the project as it was.
 * The same content read the same way changes nothing.
 * @throws Failure `bad_input` where a file cannot be read or is not recognised; it names the file.
 */
export async function importFiles(
  project: Project,
  request: ImportRequest,
  progress: Progress,
): Promise<ImportReport> {
  const landedFiles: LandedFile[] = [];
  const { store } = project;
  try {
    const candidates: Candidate[] = [];
    for (const file of request.files) {
      const landed = await land(project.folder, file, progress);
      landedFiles.push(landed);
      const parts = await openSourceFile(landed.path, request.source, {
        ...(request.means && { means: request.means }),
        ...(request.map && { map: request.map as Record<string, string> }),
      });
      for (const part of parts)
        candidates.push({ part, landed, reading: readingOf(part, request, parts.length > 1) });
    }
    const files: FileReport[] = [];
    await loadUncounted(store, async (loader) => {
      for (const candidate of candidates) {
        files.push(
          (await importedBefore(store, candidate, request)) ??
            (await load(loader, candidate, request, progress)),
        );
      }
      return async (connection) => {
        for (const earlier of request.replaces ?? []) {
          const later = files.find((report) => report.id !== earlier && !report.unchanged) ?? files[0];
          await replaceFile(connection, earlier, later!.id, "replaced on import, by the operator's word");
        }
        // On record before it counts: what stands changed and is on no record looks like an edit by hand.
        if (request.replaces?.length) {
          await project.journal.append("files_replaced", { earlier: request.replaces });
        }
      };
    });
    for (const report of files) {
      if (!report.unchanged) report.looksNewerThan = await olderExports(store, report.id);
      await project.journal.append("file_imported", {
        file: report.id,
        source: request.source,
        kind: report.kind,
        rows: report.rows,
        rejected: report.rejected,
        unchanged: report.unchanged,
        ...(!report.unchanged && { seals: (await fileSeals(store, report.id)).map(sealText) }),
      });
    }
    return { files, total: totalOf(files) };
  } catch (error) {
    for (const landed of landedFiles) await landed.discard();
    throw error;
  }
}

/** How the bytes are read: the same bytes read another way say something else. */
function readingOf(part: SourceFilePart, request: ImportRequest, insideZip: boolean): string {
  const mapping = Object.entries(request.map ?? {}).sort(([one], [other]) => (one < other ? -1 : 1));
  return JSON.stringify([part.kind, request.means ?? null, mapping, insideZip ? part.name : null]);
}

async function importedBefore(
  store: Store,
  { part, landed, reading }: Candidate,
  request: ImportRequest,
): Promise<FileReport | undefined> {
  const row = await store.row<{ id: number; kind: string; rows: number; imported: number; rejected: number }>(
    `SELECT file_id AS id, kind, row_count AS rows, imported, rejected FROM live_file
     WHERE source = $source AND sha256 = $sha256 AND reading = $reading`,
    { source: request.source, sha256: landed.sha256, reading },
  );
  if (!row) return undefined;
  const rejections = await store.rows<{ line: number; reason: string }>(
    "SELECT line, reason FROM unreadable_row WHERE file_id = $id ORDER BY line LIMIT $most",
    { id: row.id, most: listedRejections },
  );
  return { file: part.name, ...row, rejections, unchanged: true, looksNewerThan: [] };
}

async function load(
  loader: UncountedLoader,
  { part, landed, reading }: Candidate,
  request: ImportRequest,
  progress: Progress,
): Promise<FileReport> {
  progress.start(`Reading ${part.name}`, part.bytes, "bytes");
  const file = await loader.open(request.source);
  const rejections: FileReport["rejections"] = [];
  for await (const batch of part.read()) {
    for (const record of batch.records) file.append(record);
    for (const reject of batch.rejections) {
      file.reject(reject);
      if (rejections.length < listedRejections) rejections.push({ line: reject.line, reason: reject.reason });
    }
    await progress.report(batch.bytesRead);
  }
  const { id, imported, rejected } = file.close({
    source: request.source,
    name: part.name,
    kind: part.kind,
    carriesSuppressions: part.carriesSuppressions,
    landing: landed.landing,
    sha256: landed.sha256,
    reading,
    bytes: part.bytes,
  });
  return {
    file: part.name,
    id,
    kind: part.kind,
    rows: imported + rejected,
    imported,
    rejected,
    rejections,
    unchanged: false,
    looksNewerThan: [],
  };
}

function totalOf(files: readonly FileReport[]): ImportReport["total"] {
  const total = { rows: 0, imported: 0, rejected: 0 };
  for (const file of files) {
    total.rows += file.rows;
    total.imported += file.imported;
    total.rejected += file.rejected;
  }
  return total;
}

/** The id of an imported file that the operator names by id or by name. */
export async function fileIdOf(project: Project, named: string): Promise<number> {
  const files = await project.store.rows<{ file_id: number; name: string }>(
    "SELECT file_id, name FROM live_file ORDER BY file_id",
  );
  const matching = files.filter((file) => String(file.file_id) === named || file.name === named);
  if (matching.length === 1) return matching[0]!.file_id;
  const known = files.map((file) => `${file.file_id} ${file.name}`).join(", ") || "none";
  throw badInput(
    "FILE_UNKNOWN",
    matching.length === 0
      ? `No imported file is called ${named}.`
      : `Several imported files are called ${named}.`,
    `Name it by its number. Imported files: ${known}.`,
  );
}
