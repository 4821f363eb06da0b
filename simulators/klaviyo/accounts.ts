import type { SimulatorResponse } from "./http.ts";

/** `GET /api/accounts`: the one account of the key. */
export function accountsAnswer(origin: string): SimulatorResponse {
  const id = "PrAct1";
  const account = {
    type: "account",
    id,
    attributes: {
      test_account: true,
      contact_information: {
        default_sender_name: "Practice Ltd",
        default_sender_email: "hello@practice.example",
        website_url: "https://practice.example",
        organization_name: "Practice Ltd",
        street_address: {
          address1: "1 High Street",
          address2: null,
          city: "Boston",
          region: "MA",
          country: "US",
          zip: "02108",
        },
      },
      industry: "Retail",
      timezone: "US/Eastern",
      preferred_currency: "USD",
      public_api_key: id,
      locale: "en-US",
    },
    links: { self: `${origin}/api/accounts/${id}/` },
  };
  return {
    status: 200,
    body: { data: [account], links: { self: `${origin}/api/accounts`, next: null, prev: null } },
  };
}
