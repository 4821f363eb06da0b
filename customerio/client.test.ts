import { afterEach, describe, expect, test, vi } from "vitest";
import { createCustomerIoClient } from "./client.ts";

const credentials = { siteId: "site", trackApiKey: "track-secret", appApiKey: "app-secret" };
const json = (body: unknown) => new Response(JSON.stringify(body), { status: 200 });

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("without an endpoint", () => {
  test.each([
    ["us", "https://track.customer.io", "https://api.customer.io"],
    ["eu", "https://track-eu.customer.io", "https://api-eu.customer.io"],
  ])("an account in %s is served by its own hosts, each with its own key", async (region, track, app) => {
    const seen: string[] = [];
    vi.stubGlobal("fetch", async (url: string, init: { headers: { authorization: string } }) => {
      seen.push(`${init.headers.authorization.split(" ")[0]} ${url}`);
      if (url.endsWith("/accounts/region")) return json({ region, url: track, environment_id: 5 });
      if (url.endsWith("/v1/workspaces")) return json({ workspaces: [{ id: 5, name: "Shop" }] });
      return json({});
    });
    const client = createCustomerIoClient({ credentials });
    expect(await client.workspace()).toEqual({ id: 5, name: "Shop", region });
    await client.sendBatch([
      { type: "person", action: "identify", identifiers: { id: "1" }, attributes: { unsubscribed: true } },
    ]);
    expect(seen).toEqual([
      "Basic https://track.customer.io/api/v1/accounts/region",
      `Bearer ${app}/v1/workspaces`,
      `Basic ${track}/api/v2/batch`,
    ]);
  });

  test("an answer without a region opens nothing", async () => {
    vi.stubGlobal("fetch", async () => json({ region: "mars" }));
    await expect(createCustomerIoClient({ credentials }).workspace()).rejects.toMatchObject({
      code: "CUSTOMER_IO_UNREADABLE",
    });
  });
});

test("an endpoint that is not on this computer is refused before anything is sent", () => {
  expect(() => createCustomerIoClient({ credentials, endpoint: "https://example.com" })).toThrow(
    expect.objectContaining({ kind: "bad_input", code: "ENDPOINT_NOT_ALLOWED" }),
  );
});
