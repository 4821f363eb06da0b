/** An activity of Customer.io's log in words, and what the operator does about it. */
export function activityWords(type: string, data: unknown): { reason: string; nextStep: string } {
  switch (type) {
    case "failed_attribute_change":
      return failedChange(data);
    case "failed_batch_update":
      return {
        reason: "Customer.io accepted a write about this person in a batch and could not take it up later.",
        nextStep:
          "Read back: what is missing then is sent again by the next upload. If it fails again, correct the person in its source.",
      };
    case "skipped_update":
      return {
        reason: "Customer.io skipped a write about this person, for nothing in it applied.",
        nextStep: "Read back: if something is missing there, upload again.",
      };
    case "profile_merge":
      return {
        reason: "This profile was merged with another one, and its identifiers went over to that one.",
        nextStep: "Look the destination up again, plan and read back. A merge cannot be taken back.",
      };
    case "profile_delete":
      return {
        reason:
          "The profile was deleted, and with it what it knew of consent: whatever makes it anew makes it subscribed.",
        nextStep: "Upload the suppressions again, then read back.",
      };
    default:
      return { reason: `Customer.io notes ${type}.`, nextStep: "Look at the person in Customer.io." };
  }
}

const decide = "Look the destination up again, decide the conflict, then plan and upload.";

function failedChange(data: unknown): { reason: string; nextStep: string } {
  const { email, id, ...others } = changesIn(data);
  if (email) {
    const kept = email.from === "" ? "the profile stays without one" : `the profile keeps ${email.from}`;
    return {
      reason: `Customer.io did not give this person the address ${email.to}, because somebody else has it or it may not be changed by id; ${kept}.`,
      nextStep: decide,
    };
  }
  if (id) {
    const kept = id.from === "" ? "the profile stays without one" : `the profile keeps ${id.from}`;
    return {
      reason: `Customer.io did not give this person the id ${id.to}, because somebody else has it or it is set already; ${kept}.`,
      nextStep: decide,
    };
  }
  const names = Object.keys(others);
  return {
    reason: `Customer.io did not take ${names.length === 0 ? "an attribute" : names.length === 1 ? `the attribute ${names[0]}` : `the attributes ${names.join(", ")}`}.`,
    nextStep:
      "Compare the value with what Customer.io allows, correct it in its source or leave it out, then plan and upload.",
  };
}

/** `{name: {from, to}}` of an attribute change; empty where the data is something else. */
export function changesIn(data: unknown): Record<string, { from: string; to: string }> {
  if (typeof data !== "object" || data === null) return {};
  return Object.fromEntries(
    Object.entries(data).flatMap(([name, change]) =>
      typeof change === "object" && change !== null && "to" in change
        ? [[name, { from: String(change.from ?? ""), to: String(change.to ?? "") }]]
        : [],
    ),
  );
}
