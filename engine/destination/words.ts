import type {
  DestinationCode,
  DestinationConflict,
  DestinationDecision,
} from "../../contract/destination.ts";

/** A conflict as it stands in the database. */
export interface DestinationRow {
  [key: string]: string | number | boolean | null;
  conflict_id: string;
  code: DestinationCode;
  person_id: number;
  person_key: string;
  user_id: string | null;
  email: string | null;
  suppressed: boolean;
  id_exists: boolean;
  there_cio_id: string;
  there_user_id: string | null;
  there_email: string | null;
  there_unsubscribed: boolean;
  suggestion: string;
  decision: string | null;
}

/** What each kind of conflict means, what Customer.io does (reference/customerio.md §1.4) and what happens until decided. */
export const destinationWords: Record<DestinationCode, string> = {
  EMAIL_TAKEN:
    "The address belongs to another id there. Customer.io would answer 200 and either leave the address where it is or turn that person into ours. Until decided the profile stays home.",
  EMAIL_STUB:
    "A profile without an id holds the address there. Customer.io would give that profile our id or merge it with ours, which nobody can undo. Until decided the profile stays home.",
  ID_CASE_DIFFERS:
    "The address belongs to an id that is ours in other letter case. Ids are case-sensitive: Customer.io takes them for two people. Until decided the profile stays home.",
  ID_IS_CIO_ID:
    "Our user_id is the cio_id that Customer.io gave the holder of the address. Written as an id it would make a second person or change the first. Until decided the profile stays home.",
  EMAIL_CHANGES:
    "Our id has another address there. Customer.io would replace it or refuse the new one, as the workspace is set. Until decided the profile stays home.",
  UNSUBSCRIBED_THERE:
    "The person is unsubscribed in Customer.io and not in the sources. The profile is written and stays unsubscribed: nothing here ever subscribes anybody.",
};

/** What was found in this case and what Customer.io would do, in words. */
export function destinationDetail(row: DestinationRow, emailIdentifies: boolean): string {
  const kept = row.suppressed
    ? " The suppression is written all the same, to the person and to the address by itself."
    : "";
  const unsubscribed =
    row.there_unsubscribed && row.code !== "UNSUBSCRIBED_THERE"
      ? ` The profile there is unsubscribed and stays so${row.code === "EMAIL_STUB" && row.user_id !== null ? "; written, ours is too" : ""}.`
      : "";
  return found(row, emailIdentifies) + unsubscribed + kept;
}

function found(row: DestinationRow, emailIdentifies: boolean): string {
  const { code, user_id, email, there_user_id, there_email, there_cio_id, id_exists } = row;
  const apart = id_exists
    ? `Our id ${user_id} has a profile of its own there. Customer.io would answer 200, leave the address where it is, note a failed attribute change and write the other attributes.`
    : `Our id ${user_id} is not there yet. Customer.io would write our attributes into that profile and give it our id in place of its own, or refuse the id: two people would become one.`;
  switch (code) {
    case "EMAIL_TAKEN":
      return user_id === null
        ? `${email} belongs to id ${there_user_id} there. Customer.io would write our attributes into that person's profile; identifiers stay as they are.`
        : `${email} belongs to id ${there_user_id} there. ${apart}`;
    case "ID_CASE_DIFFERS":
      return `${email} belongs to id ${there_user_id} there, which is ours in other letter case. ${apart}`;
    case "ID_IS_CIO_ID":
      return `Our user_id is the cio_id of the profile that holds ${email} there (${there_user_id === null ? "it has no id" : `its id is ${there_user_id}`}), so the source probably got it from Customer.io. ${apart}`;
    case "EMAIL_STUB":
      return id_exists
        ? `A profile without an id holds ${email} there, and our id ${user_id} has another profile. Customer.io would merge the two where the workspace merges profiles by itself and ours has no address yet; the older one survives. Else it would refuse the address and note a failed attribute change.`
        : `A profile without an id holds ${email} there. Customer.io would give it our id ${user_id}: with its history it becomes this person for good.`;
    case "EMAIL_CHANGES":
      return emailIdentifies
        ? `Our id has ${there_email} there and ${email} here. With the workspace setting "Allow updates to email using ID" Customer.io would replace the address; without it, keep it and note a failed attribute change.`
        : `Our id has ${there_email} there and ${email} here. Customer.io would replace the address.`;
    case "UNSUBSCRIBED_THERE":
      return `${there_user_id ?? there_email ?? there_cio_id} is unsubscribed in Customer.io and not in the sources. Written or not, the profile stays unsubscribed.`;
  }
}

const labels: Record<Exclude<DestinationDecision, "accept">, string> = {
  hold: "Leave the profile at home",
  without_email: "Write the profile without its address",
  write: "Write the profile as planned",
};

/** Decisions that this conflict takes, the suggestion first. */
export function destinationChoices(row: DestinationRow): DestinationConflict["choices"] {
  const taken = (["hold", "without_email", "write"] as const).filter(
    // The address is all that a lead has.
    (decision) => decision !== "without_email" || (row.user_id !== null && row.code !== "UNSUBSCRIBED_THERE"),
  );
  return taken
    .sort((one, other) => Number(other === row.suggestion) - Number(one === row.suggestion))
    .map((decision) => ({ decision, label: labels[decision] }));
}
