import type { Leak, Sent } from "../../contract/leaks.ts";
import { isoTime } from "../clock.ts";
import type { Blocker, FindBlockers } from "../gate/blocker.ts";
import { lastLook, storedLeaks, storedSends } from "./stored-leaks.ts";

/**
 * What sends in the workspace without asking the gate, one blocker each, until it is stopped or accepted; that nobody
 * has looked, or not lately, or not to the end; and whom a send of ours has reached.
 */
export const leakBlockers: FindBlockers = async ({ store }, { workspace, at, validity, verification }) => {
  if (!workspace) return [];
  const look = await lastLook(store, workspace.id);
  const blockers: Blocker[] = [];
  if (!look) {
    // Reading back looks: before that, the gate says that nothing was read back.
    if (verification) {
      blockers.push(
        unread(`Nobody has looked yet whether campaigns send by themselves in ${workspace.name}.`),
      );
    }
  } else if (look.failure !== null) {
    blockers.push(
      unread(`What sends by itself in ${workspace.name} could not be read to its end. ${look.failure}`),
    );
  } else if (look.looked_at < at - validity || look.looked_at > at) {
    blockers.push(
      unread(`What sends by itself in ${workspace.name} was last looked at on ${isoTime(look.looked_at)}.`),
    );
  }
  const leaks = await storedLeaks(store, workspace.id);
  blockers.push(...leaks.filter(({ accepted }) => !accepted).map(leakBlocker));
  const sends = await storedSends(store, workspace.id);
  blockers.push(...sends.filter((sent) => sent.keepsGateShut).map(sentBlocker));
  return blockers;
};

function unread(message: string): Blocker {
  return { code: "LEAKS_UNREAD", message, nextStep: "Look again: `sendgate leaks`, or read back." };
}

function leakBlocker({ kind, number, name, type, what, when, id }: Leak): Blocker {
  const title = kind.charAt(0).toUpperCase() + kind.slice(1);
  const time = when === null ? "" : ` (${when})`;
  return {
    code: `LEAK_${kind.toUpperCase()}`,
    message: `${title} ${number} “${name}”${type ? `, ${type},` : ""} ${what}${time}.`,
    nextStep: `Stop it in Customer.io and look again, or accept ${id} with a reason.`,
  };
}

function sentBlocker({ id, kind, number, open, pending, comparedAt }: Sent): Blocker {
  if (open > 0) {
    return {
      code: "SUPPRESSED_REACHED",
      message: `${kind === "broadcast" ? "Broadcast" : "Newsletter"} ${number} reached ${open} suppressed ${open === 1 ? "person" : "people"}.`,
      nextStep: `Find out in Customer.io why, mend it, then acknowledge ${id} with a reason.`,
    };
  }
  return {
    code: "SEND_UNCHECKED",
    message: uncheckedWords(),
    nextStep: `Look again in a while, or acknowledge ${id} with a reason.`,
  };

  function uncheckedWords(): string {
    if (comparedAt === null) {
      return `The deliveries of ${kind} ${number} have not been compared with the suppressions yet.`;
    }
    return `${pending} ${pending === 1 ? "delivery" : "deliveries"} of ${kind} ${number} to suppressed people ${pending === 1 ? "is" : "are"} still on the way.`;
  }
}
