import type { PullMark } from "./mark.ts";
import type { Project } from "./project.ts";

const modeWords = {
  email: "an email-based project: the address identifies a user, and several users may share a userId",
  userID: "a userID-based project: the userId identifies a user, and several users may share an address",
  hybrid: "a hybrid project: a user is identified by the address, the userId, or both",
};

/** What the operator should know of a pull, in words. @param since null for a full pull */
export function planNotes(project: Project, since: PullMark | null, changedBasis: boolean): string[] {
  const { mode, channels, forgotten, forgottenKnown, messageTypes, localSuppressionLists } = project;
  const forgottenCount = forgotten.emails.size + forgotten.userIds.size;
  const unnamed = localSuppressionLists.map(({ name }) => `“${name.slice(0, 60)}”`);
  return [
    `Iterable looks like ${modeWords[mode]}. It has ${count(channels.emailMarketing.length, "e-mail marketing channel")} and ${count(messageTypes, "message type")}.`,
    "People who were deleted from Iterable leave no trace in it: neither their opt-outs nor their bounces can be exported.",
    ...(channels.emailMarketing.length === 0
      ? ["No e-mail marketing channel was found, so leaving any e-mail channel counts as leaving all."]
      : []),
    ...(forgottenKnown
      ? []
      : [
          "Iterable refused to tell who asked to be forgotten: these people cannot be recognised. That counts as a rejected row, so the gate stays locked until it is accounted for.",
        ]),
    ...(forgottenCount > 0
      ? [
          `Iterable was told to forget ${forgottenCount} addresses and userIds and keeps only their hashes. Whoever of them turns up in its data or in another source's is marked as forgotten; the others cannot be named.`,
        ]
      : []),
    ...(unnamed.length > 0
      ? [
          `${count(unnamed.length, "suppression list")} that only some campaigns use: ${unnamed.slice(0, 20).join(", ")}. Their members are not taken for suppressed; export such a list and import it if they should be.`,
        ]
      : []),
    ...(changedBasis
      ? [
          "The channels, the kind of project or the chosen user_id changed since the last pull, so everything is read again.",
        ]
      : []),
    ...(since
      ? [
          `This pull reads what changed. A change that neither moves a user's update time nor leaves an event is seen by a full pull only; the last one was on ${new Date(since.fullAt).toISOString().slice(0, 10)}.`,
        ]
      : []),
  ];
}

function count(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? "" : "s"}`;
}
