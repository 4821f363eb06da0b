import type { DuckDBConnection } from "@duckdb/node-api";
import { badInput } from "../../contract/failure.ts";
import type { SourceFile } from "../../contract/sources.ts";
import { now } from "../clock.ts";
import type { Project } from "../project/project.ts";
import { listFiles } from "./list-files.ts";

/**
 * From now on `earlier` says nothing any more, because `later` is a newer export of the same audience.
 * Only the operator's word does this: opt-outs that stand in the earlier file alone stop counting.
 */
export async function replaceFile(
  connection: DuckDBConnection,
  earlier: number,
  later: number,
  reason: string,
): Promise<void> {
  const found = await connection.runAndReadAll(
    "SELECT file_id, source, kind, replaced_by FROM source_file WHERE file_id IN ($earlier, $later)",
    { earlier, later },
  );
  const files = new Map(found.getRowObjects().map((row) => [Number(row.file_id), row]));
  const old = files.get(earlier);
  const young = files.get(later);
  if (!old || !young || earlier === later) {
    throw badInput(
      "FILE_UNKNOWN",
      `There is no imported file ${old ? later : earlier} to replace.`,
      "Look the numbers up in the list of sources.",
    );
  }
  if (old.source !== young.source) {
    throw badInput(
      "FILE_OTHER_SOURCE",
      `File ${earlier} is from ${String(old.source)} and file ${later} from ${String(young.source)}: one cannot replace the other.`,
      "Replace a file by one of the same source.",
    );
  }
  if (old.kind === "api") {
    throw badInput(
      "FILE_OTHER_SOURCE",
      `File ${earlier} came over ${String(old.source)}'s API, and no file takes its place.`,
      `Pull everything of ${String(old.source)} again, or retire the source.`,
    );
  }
  if (old.replaced_by !== null || young.replaced_by !== null) {
    throw badInput(
      "FILE_REPLACED",
      `File ${old.replaced_by !== null ? earlier : later} was itself replaced already.`,
      "Choose a file that still counts.",
    );
  }
  await connection.run(
    "UPDATE source_file SET replaced_by = $later, replaced_at = $at, replaced_reason = $reason WHERE file_id = $earlier",
    { earlier, later, at: now(), reason },
  );
}

/** The same by the operator's word after the import, on record with the reason. */
export async function replaceByWord(
  project: Project,
  earlier: number,
  later: number,
  reason: string,
): Promise<SourceFile> {
  await project.store.transaction(async (connection) => {
    await replaceFile(connection, earlier, later, reason);
    // On record before it counts: what stands changed and is on no record looks like an edit by hand.
    await project.journal.append("files_replaced", { earlier: [earlier], later });
  });
  return (await listFiles(project.store)).find((file) => file.id === earlier)!;
}
