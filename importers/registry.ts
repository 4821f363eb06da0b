import type { ApiImporter } from "./api-importer.ts";
import { csvImporter } from "./csv/importer.ts";
import type { FileImporter } from "./file-importer.ts";
import { iterableApiImporter } from "./iterable/api/importer.ts";
import { iterableImporter } from "./iterable/importer.ts";
import { klaviyoApiImporter } from "./klaviyo/api/importer.ts";
import { klaviyoImporter } from "./klaviyo/importer.ts";
import { mailchimpApiImporter } from "./mailchimp/api/importer.ts";
import { mailchimpImporter } from "./mailchimp/importer.ts";

/** Every source that files can come from. A new source is a folder and a line here. */
export const fileImporters: readonly FileImporter[] = [
  iterableImporter,
  klaviyoImporter,
  mailchimpImporter,
  csvImporter,
];

/** Every source that can be pulled over its vendor's API. */
export const apiImporters: readonly ApiImporter[] = [
  iterableApiImporter,
  klaviyoApiImporter,
  mailchimpApiImporter,
];
