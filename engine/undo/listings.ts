import type { CustomerIoClient } from "../../customerio/client.ts";
import type { Progress } from "../activity/activity.ts";
import { now } from "../clock.ts";
import { suppressionListOf } from "../delivery/suppression-list-of.ts";
import { readEmail } from "../normalise/email-key.ts";
import type { Store } from "../store/store.ts";

/** Reads what stands on the ESP lists at this moment into the table `listing_now (mechanism, email_key)`. */
export async function readListings(
  store: Store,
  client: CustomerIoClient,
  mechanisms: readonly string[],
  progress: Progress,
): Promise<void> {
  await store.run("CREATE OR REPLACE TABLE listing_now (mechanism VARCHAR, email_key VARCHAR)");
  let entries = 0;
  progress.start("Looking at the ESP suppression lists", null, "addresses");
  for (const mechanism of mechanisms) {
    for await (const page of client.suppressionList(suppressionListOf[mechanism]!)) {
      await store.transaction(async (connection) => {
        const rows = await connection.createAppender("listing_now");
        for (const { email } of page) {
          const address = readEmail(email);
          if (address.kind !== "good") continue;
          rows.appendVarchar(mechanism);
          rows.appendVarchar(address.key.toLowerCase());
          rows.endRow();
        }
        rows.closeSync();
      });
      entries += page.length;
      await progress.report(entries);
    }
  }
}

/**
 * Before entries are written for the first time: looks which of them stand on their list already. Those are
 * somebody else's and are never taken back; what was begun before anybody looked counts as somebody else's too.
 */
export async function rememberListings(
  store: Store,
  client: CustomerIoClient,
  workspaceId: number,
  progress: Progress,
): Promise<void> {
  const unseen = `
    SELECT p.mechanism, substr(p.subject, strlen(p.mechanism) + 2) AS email_key, p.email
    FROM planned_operation p
    ANTI JOIN listing_before b
      ON b.workspace_id = $workspaceId AND p.subject = b.mechanism || ':' || b.email_key
    ANTI JOIN (SELECT subject FROM delivery WHERE workspace_id = $workspaceId AND phase = 'suppressions' AND state <> 'planned') d
      ON d.subject = p.subject
    WHERE p.phase = 'suppressions' AND p.item IS NULL`;
  const mechanisms = await store.rows<{ mechanism: string }>(
    `SELECT DISTINCT mechanism FROM (${unseen}) ORDER BY mechanism`,
    { workspaceId },
  );
  if (mechanisms.length === 0) return;
  await readListings(
    store,
    client,
    mechanisms.map(({ mechanism }) => mechanism),
    progress,
  );
  await store.run(
    `INSERT INTO listing_before
     SELECT $workspaceId, u.mechanism, u.email_key, u.email, n.email_key IS NOT NULL, $at
     FROM (${unseen}) u
     LEFT JOIN (SELECT DISTINCT mechanism, email_key FROM listing_now) n
       ON n.mechanism = u.mechanism AND n.email_key = lower(u.email_key)`,
    { workspaceId, at: now() },
  );
  await store.run("DROP TABLE listing_now");
}
