/**
 * What may happen to a person at every simulated vendor, under one signature: whoever drives a practice migration
 * need not know which vendor it is. Each vendor's own events take more beside the address, such as when it happened.
 * The address must be one that the vendor has, in any letter case.
 */
export interface PersonEvents {
  addPerson(person: { email: string }): unknown;
  /** By the link in a message. */
  unsubscribe(email: string): unknown;
  hardBounce(email: string): unknown;
  complain(email: string): unknown;
  /** Opts in again, which lifts no hard bounce and no complaint. */
  resubscribe(email: string): unknown;
  /** Deletes the person for ever. */
  remove(email: string): unknown;
}
