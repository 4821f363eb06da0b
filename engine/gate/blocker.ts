import type { Gate } from "../../contract/delivery.ts";

/** Why the gate is locked, and how to unlock it. */
export type Blocker = Gate["blockers"][number];
