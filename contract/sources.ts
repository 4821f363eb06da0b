import * as z from "zod";
import { SourceNameSchema } from "./project.ts";
import { fileMeanings, mappableFields } from "./source.ts";

export const ColumnMappingSchema = z.partialRecord(z.enum(mappableFields), z.string().min(1));

export const ImportRequestSchema = z.object({
  source: SourceNameSchema,
  files: z.array(z.string().min(1)).min(1),
  means: z.enum(fileMeanings).optional(),
  map: ColumnMappingSchema.optional(),
  /** Ids of imported files that the new ones replace, by the operator's word. */
  replaces: z.array(z.number().int()).optional(),
});
export type ImportRequest = z.infer<typeof ImportRequestSchema>;

export const RejectionSchema = z.object({ line: z.number().int(), reason: z.string() });

/** One imported file, or one file inside an imported ZIP. */
export const SourceFileSchema = z.object({
  id: z.number().int(),
  source: SourceNameSchema,
  name: z.string(),
  kind: z.string(),
  carriesSuppressions: z.boolean(),
  sha256: z.string(),
  bytes: z.number().int(),
  rows: z.number().int(),
  imported: z.number().int(),
  rejected: z.number().int(),
  /** Rejected rows that nobody has accepted yet; they lock the gate if the file carries suppressions. */
  rejectedOpen: z.number().int(),
  importedAt: z.string(),
  /** Id of the file that replaced it, by the operator's word. */
  replacedBy: z.number().int().nullable(),
});
export type SourceFile = z.infer<typeof SourceFileSchema>;

/** interfaces §2, `import --json`: per file and in total. */
export const ImportReportSchema = z.object({
  files: z.array(
    z.object({
      file: z.string(),
      id: z.number().int(),
      kind: z.string(),
      rows: z.number().int(),
      imported: z.number().int(),
      rejected: z.number().int(),
      /** The first 100. */
      rejections: z.array(RejectionSchema),
      /** True where the same content was imported before: nothing changed. */
      unchanged: z.boolean(),
      /** Ids of earlier files that look like older exports of the same audience; both count until one is replaced. */
      looksNewerThan: z.array(z.number().int()),
    }),
  ),
  total: z.object({ rows: z.number().int(), imported: z.number().int(), rejected: z.number().int() }),
});
export type ImportReport = z.infer<typeof ImportReportSchema>;

/** What a file looks like before it is imported, for the operator to confirm. */
export const FilePreviewSchema = z.object({
  file: z.string(),
  /** Null where the source cannot be told: the operator chooses. */
  source: SourceNameSchema.nullable(),
  parts: z.array(
    z.object({
      name: z.string(),
      kind: z.string().nullable(),
      headers: z.array(z.string()),
      /** The first rows as text, for the mapping screen. */
      sample: z.array(z.array(z.string())),
      /** Why it is not recognised, with what to do; null where it is. */
      problem: z.string().nullable(),
    }),
  ),
});
export type FilePreview = z.infer<typeof FilePreviewSchema>;

export const RejectSchema = z.object({
  fileId: z.number().int(),
  file: z.string(),
  line: z.number().int(),
  reason: z.string(),
  row: z.string(),
  acceptedAt: z.string().nullable(),
  acceptedReason: z.string().nullable(),
});
export type Reject = z.infer<typeof RejectSchema>;
