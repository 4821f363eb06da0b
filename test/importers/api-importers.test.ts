import { describeApiImporter } from "./api-importer.suite.ts";
import { apiSources } from "./api-sources.ts";

for (const [name, source] of Object.entries(apiSources)) describeApiImporter(name, source);
