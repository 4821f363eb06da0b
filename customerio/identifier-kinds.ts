import { type AppReader, refused } from "./app-answers.ts";

export type IdentifierKind = "email" | "phone";

/** Looked up in vain: nobody has them. */
const nobody: Record<IdentifierKind, string> = {
  email: "nobody@sendgate.invalid",
  phone: "+15005550000",
};

/**
 * Whether people of the workspace are identified by this kind of identifier. Looking people up by another kind is
 * answered with 400 (reference/customerio.md §2.3).
 * @throws Failure where the answer is another refusal
 */
export async function takesIdentifier(reader: AppReader, kind: IdentifierKind): Promise<boolean> {
  const template = "/v1/customers/attributes";
  const { status, body } = await reader.ask("POST", template, {}, { id_type: kind }, { ids: [nobody[kind]] });
  if (status === 400) return false;
  if (status >= 400) throw refused("POST", template, status, body);
  return true;
}
