import { errorSentence, readErrors } from "./answer-errors.ts";
import { type CallSettings, callUntilAnswered } from "./calls.ts";
import type { WriteOutcome } from "./client.ts";
import { isObject } from "./json.ts";

export type ErasedIdentifier = { id: string } | { email: string };

/**
 * Track `suppress`: deletes the profile for ever and blocks its identifiers from ever coming back
 * (reference/customerio.md §1.6). It is for erasure alone, never for an opt-out, and cannot be undone. As an operation of
 * v2, since v1 would guess from its look whether an identifier is an id or an address.
 * Safe to repeat. @throws Failure as every Track call
 */
export async function eraseProfile(
  origin: string,
  identifiers: ErasedIdentifier,
  settings: CallSettings,
): Promise<WriteOutcome> {
  const template = "/api/v2/entity";
  const { status, body } = await callUntilAnswered(
    {
      api: "track",
      method: "POST",
      origin,
      path: template,
      template,
      body: JSON.stringify({ type: "person", action: "suppress", identifiers }),
    },
    settings,
  );
  const errors = readErrors(body);
  if (status === 200 && isObject(body) && errors.length === 0) return { kind: "accepted" };
  return { kind: "refused", reason: `Customer.io refused it (HTTP ${status}): ${errorSentence(errors)}.` };
}
