import { badInput } from "../contract/failure.ts";
import type { FileHead, ImportOptions } from "./file-importer.ts";

/**
 * For files whose rows say themselves what they mean.
 * @throws Failure `bad_input` where the operator says it as well, which would otherwise be passed over in silence
 */
export function refuseMeans(head: FileHead, options: ImportOptions, vendor: string): void {
  if (options.means !== undefined)
    throw badInput(
      "MEANS_NOT_NEEDED",
      `${head.name} is a ${vendor} export: its rows say themselves what they mean, so --means ${options.means} cannot count.`,
      "Leave out --means.",
    );
}
