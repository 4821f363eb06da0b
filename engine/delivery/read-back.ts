import type { CustomerIoClient, DestinationProfile } from "../../customerio/client.ts";
import type { Progress } from "../activity/activity.ts";
import { readEmail } from "../normalise/email-key.ts";
import type { Store } from "../store/store.ts";
import { severalAtOnce } from "./several-at-once.ts";
import { suppressionListOf } from "./suppression-list-of.ts";

interface Person {
  [key: string]: string | number;
  person_id: number;
  user_id: string;
}
interface Address {
  [key: string]: string | number;
  address_id: number;
  email_key: string;
  send: string;
}

/** While one piece is written down the next one is read, so that the App API's limit is never waited for in vain. */
const piecesAtOnce = 2;

/** Forgets what was read before: a reading proves only what it saw itself. */
export async function beginReading(store: Store): Promise<void> {
  await store.run(`
    CREATE OR REPLACE TABLE readback_person (person_id INTEGER, found BOOLEAN, unsubscribed BOOLEAN);
    CREATE OR REPLACE TABLE readback_address (address_id INTEGER);
    CREATE OR REPLACE TABLE readback_holder (address_id INTEGER, user_id VARCHAR, same_address BOOLEAN, unsubscribed BOOLEAN);
    CREATE OR REPLACE TABLE readback_listed (mechanism VARCHAR, email_key VARCHAR);`);
}

/** Reads the profiles of the persons that `query` names (`person_id, user_id`). */
export async function readPersons(
  store: Store,
  client: CustomerIoClient,
  query: string,
  read: (count: number) => Promise<void>,
): Promise<void> {
  await severalAtOnce(store.pieces<Person>(query), piecesAtOnce, async (persons) => {
    const profiles = await client.profilesByIds(persons.map(({ user_id }) => user_id));
    await store.transaction(async (connection) => {
      await connection.run(
        `DELETE FROM readback_person WHERE person_id IN (${numbers(persons, "person_id")})`,
      );
      const rows = await connection.createAppender("readback_person");
      for (const { person_id, user_id } of persons) {
        const profile = profiles.get(user_id);
        rows.appendInteger(person_id);
        rows.appendBoolean(profile !== undefined);
        rows.appendBoolean(profile?.unsubscribed ?? false);
        rows.endRow();
      }
      rows.closeSync();
    });
    await read(persons.length);
  });
}

/** Reads who holds each of the addresses that `query` names (`address_id, email_key, send`). */
export async function readAddresses(
  store: Store,
  client: CustomerIoClient,
  query: string,
  read: (count: number) => Promise<void>,
): Promise<void> {
  await severalAtOnce(store.pieces<Address>(query), piecesAtOnce, async (addresses) => {
    const { profiles } = await client.profilesByEmails(addresses.map(({ send }) => send));
    await store.transaction(async (connection) => {
      const named = numbers(addresses, "address_id");
      await connection.run(
        `DELETE FROM readback_address WHERE address_id IN (${named}); DELETE FROM readback_holder WHERE address_id IN (${named});`,
      );
      const seen = await connection.createAppender("readback_address");
      const holders = await connection.createAppender("readback_holder");
      for (const { address_id, email_key, send } of addresses) {
        seen.appendInteger(address_id);
        seen.endRow();
        for (const profile of profiles.get(send) ?? []) {
          holders.appendInteger(address_id);
          if (profile.id === null) holders.appendNull();
          else holders.appendVarchar(profile.id);
          holders.appendBoolean(holdsAddress(profile, email_key));
          holders.appendBoolean(profile.unsubscribed);
          holders.endRow();
        }
      }
      seen.closeSync();
      holders.closeSync();
    });
    await read(addresses.length);
  });
}

/** Reads all entries of the ESP lists that suppress for good; `blocks` holds passing refusals and proves nothing. */
export async function readLists(store: Store, client: CustomerIoClient, progress: Progress): Promise<void> {
  await store.run("DELETE FROM readback_listed");
  let entries = 0;
  progress.start("Reading the ESP suppression lists", null, "addresses");
  for (const [mechanism, list] of Object.entries(suppressionListOf)) {
    for await (const page of client.suppressionList(list)) {
      await store.transaction(async (connection) => {
        const rows = await connection.createAppender("readback_listed");
        for (const { email } of page) {
          const address = readEmail(email);
          if (address.kind !== "good") continue;
          rows.appendVarchar(mechanism);
          rows.appendVarchar(address.key);
          rows.endRow();
        }
        rows.closeSync();
      });
      entries += page.length;
      await progress.report(entries);
    }
  }
}

/** Customer.io compares addresses without letter case. */
export function holdsAddress(profile: DestinationProfile, emailKey: string): boolean {
  const address = readEmail(profile.email ?? "");
  return address.kind === "good" && address.key.toLowerCase() === emailKey.toLowerCase();
}

function numbers(rows: readonly Record<string, string | number>[], key: string): string {
  return rows.map((row) => row[key]).join(",");
}
