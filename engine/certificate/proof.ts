import type { DuckDBConnection } from "@duckdb/node-api";
import type { Proof, ProofDifference } from "../../contract/certificate.ts";
import { consentLevels } from "../../contract/consent.ts";
import { badInput } from "../../contract/failure.ts";
import { limits } from "../../customerio/limits.ts";
import { mapPieces, writeCsv } from "../outputs/csv-file.ts";
import type { Store } from "../store/store.ts";
import sql from "./proof.sql";

const mostDifferences = 100;

/**
 * Compares what the exports say with what was planned, uploaded and read back, for one workspace, right after a
 * reading back. What each column counts stands in docs/certificate.md.
 */
export async function proveSuppressions(store: Store, workspaceId: number): Promise<Proof> {
  return store.transaction(async (connection) => {
    await connection.run(`
      SET VARIABLE workspace_id = ${workspaceId};
      SET VARIABLE id_bytes = ${limits.idBytes};`);
    await connection.run(sql);
    const [differences] = await rows<{ different: number }>(
      connection,
      "SELECT count(*)::INTEGER AS different FROM proof_difference",
    );
    const proof: Proof = {
      totals: await rows(connection, totals),
      bySource: (await rows<Proof["bySource"][number] & { level: number }>(connection, bySource)).map(
        ({ level, ...row }) => ({ ...row, reason: consentLevels[level]! }),
      ),
      different: differences!.different,
      differences: await rows<ProofDifference>(connection, `${listed} LIMIT ${mostDifferences}`),
    };
    return proof;
  });
}

/** Whether every suppressed subject got all the way, in every row alike. */
export function isProven({ different }: Proof): boolean {
  return different === 0;
}

/**
 * Writes every difference of the last reading back as a machine CSV.
 * @throws Failure `bad_input` before the first reading back
 */
export async function exportDifferences(store: Store, file: string): Promise<{ file: string; rows: number }> {
  if (!(await store.row("SELECT 1 AS found FROM duckdb_tables() WHERE table_name = 'proof_difference'"))) {
    throw badInput(
      "NOT_VERIFIED",
      "Nothing has been read back from Customer.io.",
      "Upload the suppressions, then read back.",
    );
  }
  type Row = ProofDifference & Record<string, string | boolean>;
  return writeCsv(
    file,
    ["subject", "exported", "planned", "uploaded", "read_back"],
    "machine",
    mapPieces(store.pieces<Row>(listed), ({ subject, exported, planned, uploaded, readBack }) =>
      [subject, exported, planned, uploaded, readBack].map(String),
    ),
  );
}

const columns = `
  (count(*) FILTER (s.exported))::INTEGER AS exported,
  (count(*) FILTER (s.planned))::INTEGER AS planned,
  (count(*) FILTER (s.uploaded))::INTEGER AS uploaded,
  (count(*) FILTER (s.read_back))::INTEGER AS "readBack"`;

const totals = `
  SELECT kinds.subject, ${columns}
  FROM (VALUES ('address'), ('person')) kinds(subject)
  LEFT JOIN proof_subject s USING (subject)
  GROUP BY kinds.subject
  ORDER BY kinds.subject`;

const bySource = `
  SELECT s.subject, f.source, f.level, ${columns}
  FROM (
    SELECT 'address' AS subject, email_key AS key, source, level FROM proof_address
    UNION ALL
    SELECT 'person', user_id, source, level FROM proof_person
  ) f
  JOIN proof_subject s USING (subject, key)
  GROUP BY s.subject, f.source, f.level
  ORDER BY s.subject, f.source, f.level`;

const listed = `
  SELECT CASE subject WHEN 'person' THEN 'id:' ELSE 'email:' END || key AS subject,
    exported, planned, uploaded, read_back AS "readBack"
  FROM proof_difference
  ORDER BY 1`;

async function rows<T>(connection: DuckDBConnection, query: string): Promise<T[]> {
  return (await connection.runAndReadAll(query)).getRowObjectsJson() as T[];
}
