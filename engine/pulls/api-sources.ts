import type { SourceName } from "../../contract/source.ts";
import type { Store } from "../store/store.ts";

/** A source that is pulled over its API, as the operator connected it. */
export interface ApiSource {
  [key: string]: string | number | null;
  source: SourceName;
  account: string;
  /** A simulator on loopback; null for the vendor's own hosts. */
  endpoint: string | null;
  /** Null where people are known by their address alone. */
  user_id_field: string | null;
  /** Fields that could hold the user_id, in words, while the operator has not said which does. */
  unconfirmed: string | null;
  /** Microseconds since 1970-01-01T00:00:00Z; null while the old tool may still take opt-outs. */
  retired_at: number | null;
  retired_reason: string | null;
  /** Why the last asking came to nothing, in words; null where the source answered. */
  unanswered: string | null;
}

/** In the order of their names. */
export async function apiSources(store: Store): Promise<ApiSource[]> {
  return store.rows<ApiSource>("SELECT * FROM api_source ORDER BY source");
}

export async function apiSource(store: Store, source: SourceName): Promise<ApiSource | undefined> {
  return store.row<ApiSource>("SELECT * FROM api_source WHERE source = $source", { source });
}

/** A source that was asked and did not answer: who opted out there is not known (invariant 3). */
export async function rememberUnanswered(store: Store, source: SourceName, why: string): Promise<void> {
  await store.run("UPDATE api_source SET unanswered = $why WHERE source = $source", { why, source });
}

/** It answered. A source that was retired is asked again from now on. */
export async function rememberApiSource(
  store: Store,
  known: Pick<ApiSource, "source" | "account" | "endpoint" | "user_id_field" | "unconfirmed">,
): Promise<void> {
  const { source, account, endpoint, user_id_field: userIdField, unconfirmed } = known;
  await store.transaction(async (connection) => {
    await connection.run("DELETE FROM api_source WHERE source = $source", { source });
    await connection.run(
      `INSERT INTO api_source (source, account, endpoint, user_id_field, unconfirmed)
       VALUES ($source, $account, $endpoint, $userIdField, $unconfirmed)`,
      { source, account, endpoint, userIdField, unconfirmed },
    );
  });
}
