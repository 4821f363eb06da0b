import { customerIoFaults } from "./customerio/faults.ts";
import { iterableFaults } from "./iterable/faults.ts";
import { klaviyoFaults } from "./klaviyo/faults.ts";
import { mailchimpFaults } from "./mailchimp/faults.ts";

const faultsOf = {
  customerio: customerIoFaults,
  mailchimp: mailchimpFaults,
  klaviyo: klaviyoFaults,
  iterable: iterableFaults,
};
type FaultsOf = typeof faultsOf;
type Vendor = keyof FaultsOf;
export type PracticeFaultName = { [V in Vendor]: keyof FaultsOf[V] }[Vendor];

/** Every ready-made trouble, and which vendors know it. The others answer as always. */
export const practiceFaults: ReadonlyMap<string, readonly Vendor[]> = vendorsByFault();

export function isPracticeFault(name: string): name is PracticeFaultName {
  return practiceFaults.has(name);
}

/** A fresh one of the trouble; undefined for a vendor that does not know it. */
export function practiceFault<V extends Vendor>(vendor: V, name: PracticeFaultName | undefined) {
  const known: Record<string, unknown> = faultsOf[vendor];
  const make = known[name ?? ""] as Extract<FaultsOf[V][keyof FaultsOf[V]], () => unknown> | undefined;
  return make?.() as ReturnType<NonNullable<typeof make>> | undefined;
}

function vendorsByFault(): Map<string, Vendor[]> {
  const vendorsOf = new Map<string, Vendor[]>();
  for (const vendor of Object.keys(faultsOf) as Vendor[]) {
    for (const name of Object.keys(faultsOf[vendor]))
      vendorsOf.set(name, [...(vendorsOf.get(name) ?? []), vendor]);
  }
  return vendorsOf;
}
