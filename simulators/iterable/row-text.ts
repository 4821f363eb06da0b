import { hash32 } from "../world/random.ts";
import type { Project, SimulatedEvent, SimulatedUser } from "./project.ts";

/** How exports write times: which form is used where is unconfirmed (reference/iterable.md §6). */
export type TimeForm = "spaced" | "iso" | "iso_milliseconds" | "iso_offset" | "epoch" | "mixed";

export interface RowForms {
  times: TimeForm;
  /** Nested objects and lists of objects as they are, or flat with dotted names. */
  nested: boolean;
}

const forms = ["spaced", "iso", "iso_milliseconds", "iso_offset", "epoch"] as const;

/** One line of an NDJSON export, without its line break. */
export function userLine(project: Project, user: SimulatedUser, rowForms: RowForms): string {
  const { email, userId } = user;
  const time = timeWriter(rowForms, email ?? userId ?? "");
  const listField = project.mode === "email" ? "emailListIds" : "userListIds";
  const domain = email === null ? null : email.slice(email.lastIndexOf("@") + 1);
  const device = { token: hash32("device", email ?? userId ?? "").toString(16), platform: "APNS" };
  return JSON.stringify({
    ...(email === null ? {} : { email }),
    ...(userId === null ? {} : { userId }),
    ...user.fields,
    signupDate: time(user.signupDate),
    signupSource: "Import",
    ...(user.profileUpdatedAt === null ? {} : { profileUpdatedAt: time(user.profileUpdatedAt) }),
    [listField]: user.listIds,
    unsubscribedChannelIds: user.unsubscribedChannelIds,
    unsubscribedMessageTypeIds: user.unsubscribedMessageTypeIds,
    ...(rowForms.nested
      ? { itblInternal: { emailDomain: domain }, devices: [device] }
      : { "itblInternal.emailDomain": domain, "devices.token": [device.token] }),
  });
}

export function eventLine(event: SimulatedEvent, rowForms: RowForms): string {
  const time = timeWriter(rowForms, `${event.type}${event.at}`);
  return JSON.stringify({
    ...(event.email === null ? {} : { email: event.email }),
    ...(event.userId === null ? {} : { userId: event.userId }),
    ...event.fields,
    createdAt: time(event.at),
  });
}

/** As `getByEmail` and `byUserId` give it: fields stand in `dataFields`. */
export function userAnswer(project: Project, user: SimulatedUser): Record<string, unknown> {
  const { email, userId, ...dataFields } = JSON.parse(
    userLine(project, user, { times: "spaced", nested: true }),
  ) as Record<string, unknown>;
  return { email: email ?? "", ...(userId === undefined ? {} : { userId }), dataFields };
}

function timeWriter({ times }: RowForms, seed: string): (ms: number) => string | number {
  const form = times === "mixed" ? forms[hash32("time form", seed) % forms.length]! : times;
  return (ms) => {
    const iso = new Date(ms).toISOString();
    switch (form) {
      case "spaced":
        return `${iso.slice(0, 19).replace("T", " ")} +00:00`;
      case "iso":
        return `${iso.slice(0, 19)}Z`;
      case "iso_milliseconds":
        return iso;
      case "iso_offset":
        return `${new Date(ms - 6 * 3_600_000).toISOString().slice(0, 19)}-06:00`;
      case "epoch":
        return ms;
    }
  };
}
