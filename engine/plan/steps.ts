import conflicts from "../destination/conflicts.sql";
import consequences from "../destination/consequences.sql";
import intendedEmails from "../destination/intended-emails.sql";
import persons from "./steps/01-persons.sql";
import addresses from "./steps/02-addresses.sql";
import writeNumbers from "./steps/03-write-numbers.sql";
import suppressions from "./steps/04-suppressions.sql";
import profilePersons from "./steps/05-profile-persons.sql";
import profiles from "./steps/06-profiles.sql";

/** The plan up to its writes, in order; each title is what the operator sees while it runs. */
export const steps: readonly { title: string; sql: string }[] = [
  { title: "Choosing how each person is reached", sql: persons },
  { title: "Choosing how each address is reached", sql: addresses },
  {
    title: "Comparing with what was found in the workspace",
    sql: [intendedEmails, conflicts, consequences].join("\n"),
  },
  { title: "Putting the suppressions in order", sql: writeNumbers },
  { title: "Choosing who gets a profile", sql: profilePersons },
];

/** Run once for each range of writes. */
export const suppressionStep = suppressions;

/** Run once for each range of persons. */
export const profileStep = profiles;
