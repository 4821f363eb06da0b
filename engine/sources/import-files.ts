import type { DuckDBConnection } from "@duckdb/node-api";
import { badInput } from "../../contract/failure.ts";
import type { RejectedRow } from "../../contract/source.ts";
import type { ImportReport, ImportRequest } from "../../contract/sources.ts";
import type { SourceFilePart } from "../../importers/file-importer.ts";
import { openSourceFile } from "../../importers/open-file.ts";
import type { Progress } from "../activity/activity.ts";
import { now } from "../clock.ts";
import type { Project } from "../project/project.ts";
import { type LandedFile, land } from "./landing.ts";
import { olderExports } from "./older-exports.ts";
import { RecordAppender } from "./record-appender.ts";
import { replaceFile } from "./replace-file.ts";

/** Rejections that the report lists by themselves (interfaces §2). */
const listedRejections = 100;

interface Candidate {
  part: SourceFilePart;
  landed: LandedFile;
  reading: string;
}

type FileReport = ImportReport["files"][number];

/**
 * Imports export files: copies them to `landing/`, recognises all of them before it reads any, and loads them
 * in one transaction, so that a file that fails or a cancel leaves the project as it was.
 * The same content read the same way changes nothing.
 * @throws Failure `bad_input` where a file cannot be read or is not recognised; it names the file.
 */
export async function importFiles(
  project: Project,
  request: ImportRequest,
  progress: Progress,
): Promise<ImportReport> {
  const landedFiles: LandedFile[] = [];
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
    const files = await project.store.transaction(async (connection) => {
      const reports: FileReport[] = [];
      for (const candidate of candidates) {
        reports.push(
          (await importedBefore(connection, candidate, request)) ??
            (await load(connection, candidate, request, progress)),
        );
      }
      for (const earlier of request.replaces ?? []) {
        const later = reports.find((report) => report.id !== earlier && !report.unchanged) ?? reports[0];
        await replaceFile(connection, earlier, later!.id, "replaced on import, by the operator's word");
      }
      return reports;
    });
    for (const report of files) {
      if (!report.unchanged) report.looksNewerThan = await olderExports(project.store, report.id);
      await project.journal.append("file_imported", {
        file: report.id,
        source: request.source,
        kind: report.kind,
        rows: report.rows,
        rejected: report.rejected,
        unchanged: report.unchanged,
      });
    }
    if (request.replaces?.length)
      await project.journal.append("files_replaced", { earlier: request.replaces });
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
  connection: DuckDBConnection,
  { part, landed, reading }: Candidate,
  request: ImportRequest,
): Promise<FileReport | undefined> {
  const found = await connection.runAndReadAll(
    `SELECT file_id, kind, row_count, imported, rejected FROM source_file
     WHERE source = $source AND sha256 = $sha256 AND reading = $reading AND replaced_by IS NULL`,
    { source: request.source, sha256: landed.sha256, reading },
  );
  const [row] = found.getRowObjects();
  if (!row) return undefined;
  const id = Number(row.file_id);
  const rejections = await connection.runAndReadAll(
    `SELECT line, reason FROM unreadable_row WHERE file_id = ${id} ORDER BY line LIMIT ${listedRejections}`,
  );
  return {
    file: part.name,
    id,
    kind: String(row.kind),
    rows: Number(row.row_count),
    imported: Number(row.imported),
    rejected: Number(row.rejected),
    rejections: rejections
      .getRowObjects()
      .map((reject) => ({ line: Number(reject.line), reason: String(reject.reason) })),
    unchanged: true,
    looksNewerThan: [],
  };
}

async function load(
  connection: DuckDBConnection,
  { part, landed, reading }: Candidate,
  request: ImportRequest,
  progress: Progress,
): Promise<FileReport> {
  const numbers = await connection.runAndReadAll(
    "SELECT coalesce(max(file_id), 0) + 1 AS file_id, (SELECT coalesce(max(record), 0) + 1 FROM source_record) AS record FROM source_file",
  );
  const [next] = numbers.getRowObjects();
  const id = Number(next!.file_id);
  progress.start(`Reading ${part.name}`, part.bytes, "bytes");

  const appender = await RecordAppender.create(connection, request.source, id, Number(next!.record));
  const rejects = await connection.createAppender("unreadable_row");
  const rejections: RejectedRow[] = [];
  let imported = 0;
  let rejected = 0;
  for await (const batch of part.read()) {
    for (const record of batch.records) appender.append(record);
    for (const reject of batch.rejections) {
      rejects.appendInteger(id);
      rejects.appendBigInt(BigInt(reject.line));
      rejects.appendVarchar(reject.reason);
      rejects.appendVarchar(reject.row);
      rejects.endRow();
      if (rejections.length < listedRejections) rejections.push(reject);
    }
    imported += batch.records.length;
    rejected += batch.rejections.length;
    await progress.report(batch.bytesRead);
  }
  appender.close();
  rejects.closeSync();

  await connection.run(
    `INSERT INTO source_file (file_id, source, name, kind, carries_suppressions, landing, sha256, reading, bytes,
       row_count, imported, rejected, imported_at)
     VALUES ($id, $source, $name, $kind, $carries, $landing, $sha256, $reading, $bytes, $rows, $imported, $rejected, $at)`,
    {
      id,
      source: request.source,
      name: part.name,
      kind: part.kind,
      carries: part.carriesSuppressions,
      landing: landed.landing,
      sha256: landed.sha256,
      reading,
      bytes: part.bytes,
      rows: imported + rejected,
      imported,
      rejected,
      at: now(),
    },
  );
  return {
    file: part.name,
    id,
    kind: part.kind,
    rows: imported + rejected,
    imported,
    rejected,
    rejections: rejections.map(({ line, reason }) => ({ line, reason })),
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
