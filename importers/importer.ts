import type { ApiImporter } from "./api-importer.ts";
import type { FileImporter } from "./file-importer.ts";

/**
 * One source, however its people come: both ways give source records and rejections, each with proof of where it ends.
 * A new source is a folder and a line in the registry; `test/importers/` is the suite that every source passes.
 */
export interface Importer {
  files: FileImporter;
  /** Null where the source has no API. */
  api: ApiImporter | null;
}
