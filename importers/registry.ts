import type { SourceName } from "../contract/source.ts";
import { csvImporter } from "./csv/importer.ts";
import type { Importer } from "./importer.ts";
import { iterableApiImporter } from "./iterable/api/importer.ts";
import { iterableImporter } from "./iterable/importer.ts";
import { klaviyoApiImporter } from "./klaviyo/api/importer.ts";
import { klaviyoImporter } from "./klaviyo/importer.ts";
import { mailchimpApiImporter } from "./mailchimp/api/importer.ts";
import { mailchimpImporter } from "./mailchimp/importer.ts";

/** Every source. A new one is a folder and a line here. */
export const importers: Readonly<Record<SourceName, Importer>> = {
  iterable: { files: iterableImporter, api: iterableApiImporter },
  klaviyo: { files: klaviyoImporter, api: klaviyoApiImporter },
  mailchimp: { files: mailchimpImporter, api: mailchimpApiImporter },
  csv: { files: csvImporter, api: null },
};
