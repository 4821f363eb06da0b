/**
 * The part of the package that Sendgate uses. The published types lack `basePath`, `reports` and the `…WithHttpInfo`
 * calls. `fields` and `exclude_fields` must be arrays: a string throws.
 */
declare module "@mailchimp/mailchimp_marketing" {
  export type Query = Record<string, string | number | string[] | undefined>;

  export interface HttpInfo {
    data: unknown;
    response: { headers: Record<string, string | undefined> };
  }

  /** A superagent request, handed to the agent just before it is sent. */
  export interface OutgoingRequest {
    agent(agent: import("node:http").Agent): this;
    redirects(most: number): this;
    buffer(whole: boolean): this;
    parse(
      parser: (
        response: import("node:http").IncomingMessage,
        done: (error: Error | null, text?: string) => void,
      ) => void,
    ): this;
    abort(): void;
  }

  export class MailchimpMarketing {
    basePath: string;
    timeout: number;
    enableCookies: boolean;
    agent: { attachCookies(request: OutgoingRequest): void; saveCookies(): void };
    setConfig(config: { apiKey: string }): void;
    ping: { getWithHttpInfo(): Promise<HttpInfo> };
    root: { getRootWithHttpInfo(query: Query): Promise<HttpInfo> };
    lists: {
      getAllListsWithHttpInfo(query: Query): Promise<HttpInfo>;
      getListMergeFieldsWithHttpInfo(listId: string, query: Query): Promise<HttpInfo>;
      getListMembersInfoWithHttpInfo(listId: string, query: Query): Promise<HttpInfo>;
      getListMemberWithHttpInfo(listId: string, subscriberHash: string, query: Query): Promise<HttpInfo>;
      getListAbuseReportsWithHttpInfo(listId: string, query: Query): Promise<HttpInfo>;
    };
    reports: {
      getAllCampaignReportsWithHttpInfo(query: Query): Promise<HttpInfo>;
      getCampaignAbuseReportsWithHttpInfo(campaignId: string, query: Query): Promise<HttpInfo>;
      getUnsubscribedListForCampaignWithHttpInfo(campaignId: string, query: Query): Promise<HttpInfo>;
    };
  }

  /** The one client that everybody in the process shares; its constructor makes others. */
  const shared: MailchimpMarketing & { constructor: typeof MailchimpMarketing };
  export default shared;
}
