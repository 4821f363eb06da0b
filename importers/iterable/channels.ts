/** What a project's channels are; files do not say it. Ids as text. */
export interface Channels {
  /** Every channel by id: `other` is any medium but e-mail. */
  kinds: ReadonlyMap<string, "email_marketing" | "email" | "other">;
  /** The ids of all e-mail marketing channels. */
  emailMarketing: readonly string[];
}
