import { badInput } from "../../contract/failure.ts";
import type { ErasePreview, EraseRequest } from "../../contract/workspaces.ts";
import type { CustomerIoClient, DestinationProfile } from "../../customerio/client.ts";
import { readEmail } from "../normalise/email-key.ts";
import { trimIdentifier } from "../normalise/trim.ts";
import type { Store } from "../store/store.ts";

/** An identifier that is to be deleted and blocked for ever. */
export interface Target {
  [key: string]: string;
  kind: "id" | "email";
  /** The user_id, or the email key. */
  value: string;
  /** As Customer.io is told: the user_id, or the spelling of the address. */
  sent: string;
}

export interface Targets {
  people: number;
  targets: Target[];
  /** Profiles of these people at the destination. */
  profiles: number;
  left: ErasePreview["left"];
}

/** One person of whom everything is to go. */
interface Person {
  /** Null where no source knows them. */
  personId: number | null;
  ids: Set<string>;
  emails: Map<string, string>;
}

/**
 * Whom an erasure means: those that the operator names by user_id or address, and where asked for everybody whose source
 * state is `forgotten` (merge-rules §5). A person goes with every address that is nobody else's; a contested one stays,
 * and so does one that a profile of somebody else holds at the destination. Where the person's own profile there holds
 * an address of somebody who is not meant, the whole person stays.
 * @throws Failure `bad_input` where nobody is named, or an address belongs to several people
 */
export async function findTargets(
  store: Store,
  client: CustomerIoClient,
  request: Pick<EraseRequest, "userIds" | "emails" | "forgotten">,
): Promise<Targets> {
  const left: ErasePreview["left"] = [];
  const meant = await peopleMeant(store, request, left);
  if (meant.length === 0) {
    throw badInput(
      "NOBODY_TO_ERASE",
      request.forgotten ? "Nobody asked a source to be forgotten." : "Nobody is named.",
      "Name people with --user-id or --email.",
    );
  }
  const byId = await client.profilesByIds(meant.flatMap((person) => [...person.ids]));
  const people = await whoCanGo(store, meant, byId, left);
  const ids = new Set(people.flatMap((person) => [...person.ids]));
  const emails = new Map(people.flatMap((person) => [...person.emails]));
  const { profiles: byEmail } = await client.profilesByEmails(emails.values());
  const found = new Set([...ids].flatMap((id) => byId.get(id)?.cioId ?? []));
  for (const [key, sent] of emails) {
    const holders = byEmail.get(sent) ?? [];
    const other = holders.find(({ id }) => id !== null && id !== "" && !ids.has(id));
    if (other) {
      emails.delete(key);
      left.push({
        subject: `email:${key}`,
        reason: "At Customer.io the profile of another person, who was not named, holds this address.",
        nextStep: `If that person is meant too, name it as well: --user-id "${other.id}"`,
      });
    } else for (const { cioId } of holders) found.add(cioId);
  }
  return {
    people: people.length,
    profiles: found.size,
    left: left.filter(({ subject }) => !emails.has(subject.replace(/^email:/, ""))),
    targets: [
      ...[...ids].map((value): Target => ({ kind: "id", value, sent: value })),
      ...[...emails].map(([value, sent]): Target => ({ kind: "email", value, sent })),
    ],
  };
}

/**
 * Adds to each person the addresses that their profiles hold at the destination: Customer.io blocks them together with the
 * id, whatever the sources say of them (reference/customerio.md §1.6), so they are counted and kept on record.
 * @returns whoever holds no address of somebody who stays, and who would never get mail again; the others are told in `left`
 */
async function whoCanGo(
  store: Store,
  meant: readonly Person[],
  profiles: ReadonlyMap<string, DestinationProfile>,
  left: ErasePreview["left"],
): Promise<Person[]> {
  const claimants = new Map<string, number[]>();
  const held = new Map<Person, string[]>();
  for (const person of meant) {
    const keys: string[] = [];
    for (const id of person.ids) {
      const read = readEmail(profiles.get(id)?.email ?? "");
      if (read.kind !== "good") continue;
      keys.push(read.key);
      person.emails.set(read.key, read.send);
      claimants.set(read.key, await claimantsOf(store, read.key));
    }
    held.set(person, keys);
  }
  // Whoever stays may be the one whose address another's profile holds, so until nobody more stays.
  for (let going = [...meant]; ; ) {
    const named = new Set(going.map(({ personId }) => personId));
    const staying = going.filter((person) =>
      held.get(person)!.some((key) => claimants.get(key)!.some((personId) => !named.has(personId))),
    );
    if (staying.length === 0) return going;
    going = going.filter((person) => !staying.includes(person));
    for (const id of staying.flatMap(({ ids }) => [...ids])) {
      left.push({
        subject: `id:${id}`,
        reason:
          "At Customer.io the profile holds an address of somebody who stays; erasing would block it for ever.",
        nextStep:
          "Change or remove the profile's address in Customer.io first, or name the other person as well.",
      });
    }
  }
}

async function peopleMeant(
  store: Store,
  { userIds, emails, forgotten }: Pick<EraseRequest, "userIds" | "emails" | "forgotten">,
  left: ErasePreview["left"],
): Promise<Person[]> {
  const known = new Map<number, Person>();
  const strangers: Person[] = [];
  const add = async (personId: number) => {
    if (!known.has(personId)) known.set(personId, await wholePerson(store, personId, left));
  };
  for (const userId of new Set(userIds.map(trimIdentifier))) {
    if (userId === "") continue;
    const person = await store.row<{ person_id: number }>(
      "SELECT person_id FROM person WHERE user_id = $userId",
      { userId },
    );
    if (person) await add(person.person_id);
    else strangers.push({ personId: null, ids: new Set([userId]), emails: new Map() });
  }
  const keys = new Set<string>();
  for (const address of emails) {
    const read = readEmail(address);
    if (read.kind !== "good") {
      throw badInput("BAD_EMAIL", `${address} is no address. Nothing was erased.`, "Give a whole address.");
    }
    if (keys.has(read.key)) continue;
    keys.add(read.key);
    const claimants = await claimantsOf(store, read.key);
    if (claimants.length > 1) {
      throw badInput(
        "ERASE_AMBIGUOUS",
        `${read.send} belongs to ${claimants.length} people. Nothing was erased.`,
        "Name the person with --user-id.",
      );
    }
    if (claimants.length === 1) await add(claimants[0]!);
    else strangers.push({ personId: null, ids: new Set(), emails: new Map([[read.key, read.send]]) });
  }
  if (forgotten) {
    const rows = await store.rows<{ person_id: number }>("SELECT person_id FROM person WHERE level = 0");
    for (const { person_id } of rows) await add(person_id);
  }
  return [...known.values(), ...strangers];
}

async function claimantsOf(store: Store, emailKey: string): Promise<number[]> {
  const rows = await store.rows<{ person_id: number }>(
    "SELECT person_id FROM person_address JOIN address USING (address_id) WHERE email_key = $emailKey ORDER BY person_id",
    { emailKey },
  );
  return rows.map(({ person_id }) => person_id);
}

/** The user_id and every address that is nobody else's. */
async function wholePerson(store: Store, personId: number, left: ErasePreview["left"]): Promise<Person> {
  const addresses = await store.rows<{
    user_id: string | null;
    email_key: string | null;
    send: string;
    claimants: number;
  }>(
    `SELECT p.user_id, a.email_key, s.send,
       (SELECT count(*) FROM person_address other WHERE other.address_id = c.address_id) AS claimants
     FROM person p
     LEFT JOIN person_address c USING (person_id)
     LEFT JOIN address a USING (address_id)
     LEFT JOIN address_spelling s USING (address_id)
     WHERE p.person_id = $personId
     ORDER BY a.email_key`,
    { personId },
  );
  const person: Person = { personId, ids: new Set(), emails: new Map() };
  for (const { user_id, email_key, send, claimants } of addresses) {
    if (user_id !== null) person.ids.add(user_id);
    if (email_key === null) continue;
    if (claimants === 1) person.emails.set(email_key, send);
    else {
      left.push({
        subject: `email:${email_key}`,
        reason: `${claimants} people have this address.`,
        nextStep: "Decide whose it is, or name the others too.",
      });
    }
  }
  return person;
}
