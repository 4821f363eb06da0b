import addresses from "./steps/01-addresses.sql";
import identifiers from "./steps/02-identifiers.sql";
import numberedRecords from "./steps/03-numbered-records.sql";
import ignoredIdentifiers from "./steps/04-ignored-identifiers.sql";
import addressOwners from "./steps/05-address-owners.sql";
import persons from "./steps/06-persons.sql";
import countingStates from "./steps/07-counting-states.sql";
import addressLevels from "./steps/08-address-levels.sql";
import personLevels from "./steps/09-person-levels.sql";
import suppressions from "./steps/10-suppressions.sql";
import primaryAddresses from "./steps/11-primary-addresses.sql";
import people from "./steps/12-people.sql";
import addressesToSend from "./steps/13-addresses-to-send.sql";
import attributes from "./steps/14-attributes.sql";
import topics from "./steps/15-topics.sql";
import rejectedRecords from "./steps/16-rejected-records.sql";
import conflicts from "./steps/17-conflicts.sql";
import tidy from "./steps/18-tidy.sql";

/**
 * The merge, in order; each title is what the operator sees while it runs.
 * A step `byPersons` runs for one range of persons after the other.
 */
export const steps: readonly { title: string; sql: string; byPersons?: true }[] = [
  { title: "Finding the addresses", sql: addresses },
  { title: "Finding the user_ids", sql: identifiers },
  { title: "Numbering the records", sql: numberedRecords },
  { title: "Setting dummy user_ids aside", sql: ignoredIdentifiers },
  { title: "Finding whose each address is", sql: addressOwners },
  { title: "Joining records into persons", sql: persons },
  { title: "Reading what each source says about consent", sql: countingStates },
  { title: "Finding the level of each address", sql: addressLevels },
  { title: "Finding the level of each person", sql: personLevels },
  { title: "Building the suppression set", sql: suppressions },
  { title: "Choosing primary addresses", sql: primaryAddresses },
  { title: "Writing the people", sql: people },
  { title: "Choosing how each address is spelled", sql: addressesToSend },
  { title: "Merging attributes", sql: attributes, byPersons: true },
  { title: "Collecting topic opt-outs", sql: topics },
  { title: "Setting rows without identifier aside", sql: rejectedRecords },
  { title: "Listing conflicts", sql: conflicts },
  { title: "Tidying up", sql: tidy },
];
