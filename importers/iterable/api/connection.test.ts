import { afterEach, describe, expect, test, vi } from "vitest";
import { Connection } from "./connection.ts";
import { vendorTiming } from "./timing.ts";

afterEach(() => {
  vi.unstubAllGlobals();
});

function vendor(answer: (url: string, headers: Headers) => Response) {
  const seen: { url: string; key: string | null }[] = [];
  vi.stubGlobal("fetch", async (url: string, init: RequestInit) => {
    const headers = new Headers(init.headers);
    seen.push({ url, key: headers.get("api-key") });
    return answer(url, headers);
  });
  const access = { key: "secret", userIdField: null, signal: new AbortController().signal };
  return { seen, connection: new Connection(access, { ...vendorTiming, retries: 0, retryDelayMs: 1 }) };
}

const badKey = () => Response.json({ code: "BadApiKey", msg: "", params: null }, { status: 401 });
const channels = () => Response.json({ channels: [] });

describe("without an endpoint", () => {
  test.each([
    ["https://api.iterable.com", "US data centre"],
    ["https://api.eu.iterable.com", "EU data centre"],
  ])("a key of %s is used there", async (origin, place) => {
    const { connection, seen } = vendor((url) => (url.startsWith(`${origin}/`) ? channels() : badKey()));
    expect(await connection.place()).toBe(place);
    await connection.object({ budget: "schema", method: "GET", template: "/api/lists" });
    expect(seen.at(-1)).toEqual({ url: `${origin}/api/lists`, key: "secret" });
  });

  test("a key that neither data centre knows is refused", async () => {
    await expect(vendor(badKey).connection.place()).rejects.toMatchObject({
      kind: "bad_input",
      code: "ITERABLE_KEY_REFUSED",
    });
  });

  test("exported files are fetched over https, without the key", async () => {
    const { connection, seen } = vendor(() => new Response("{}", { headers: { "content-length": "2" } }));
    expect(String(await connection.file("https://bucket.example/file?signature=1"))).toBe("{}");
    expect(seen).toEqual([{ url: "https://bucket.example/file?signature=1", key: null }]);
  });

  test.each(["http://127.0.0.1:4010/file", "http://bucket.example/file", "https://user@bucket.example/file"])(
    "a link to %s is not followed",
    async (link) => {
      const { connection, seen } = vendor(channels);
      await expect(connection.file(link)).rejects.toMatchObject({ code: "ITERABLE_UNEXPECTED" });
      expect(seen).toEqual([]);
    },
  );
});
