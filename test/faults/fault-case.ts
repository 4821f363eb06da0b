import type { FaultSource, ItemFaultSource } from "../../simulators/customerio/faults.ts";
import type {
  CustomerIoSimulator,
  CustomerIoSimulatorOptions,
} from "../../simulators/customerio/simulator.ts";
import type { Size } from "./people.ts";

/** One trouble at one place of a delivery. */
export interface FaultCase {
  name: string;
  size: Size;
  /** When the trouble begins; it ends with the first run that ends. */
  during: "suppressions" | "profiles";
  simulator?: CustomerIoSimulatorOptions;
  /** Asked anew for each case, since most count calls. */
  faults?: () => FaultSource;
  /** Items and list entries that the workspace refuses while the trouble lasts: they must stand in the report. */
  refused?: (subject: string) => boolean;
  itemFaults?: () => ItemFaultSource;
  /** Happens in the workspace between the first run and the second. */
  afterwards?: (simulator: CustomerIoSimulator) => void;
}
