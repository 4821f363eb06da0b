import { csvImporter } from "./csv/importer.ts";
import type { FileImporter } from "./file-importer.ts";
import { iterableImporter } from "./iterable/importer.ts";
import { klaviyoImporter } from "./klaviyo/importer.ts";
import { mailchimpImporter } from "./mailchimp/importer.ts";

/** Every source that files can come from. A new source is a folder and a line here. */
export const fileImporters: readonly FileImporter[] = [
  iterableImporter,
  klaviyoImporter,
  mailchimpImporter,
  csvImporter,
];
