import { describe, expect, test } from "vitest";
import { loopbackHosts, redirectTarget } from "./allowed-hosts.ts";

describe("an explicit endpoint", () => {
  test.each(["http://127.0.0.1:4010", "http://localhost:4010/", "http://[::1]:4010"])(
    "may be %s",
    (endpoint) => {
      expect(loopbackHosts(endpoint).track).toBe(new URL(endpoint).origin);
    },
  );

  test.each([
    "https://track.customer.io",
    "http://example.com",
    "http://127.0.0.1.example.com",
    "http://127.0.0.1@example.com",
    "http://user@127.0.0.1:4010",
    "http://192.168.0.1",
    "http://127.0.0.1:4010/api",
    "file:///etc/passwd",
    "127.0.0.1:4010",
    "",
  ])("may not be %j", (endpoint) => {
    expect(() => loopbackHosts(endpoint)).toThrow(expect.objectContaining({ kind: "bad_input" }));
  });
});

describe("a redirect", () => {
  const us = "https://track.customer.io/api/v2/batch";

  test("is followed between the regional Track hosts", () => {
    expect(redirectTarget(us, "https://track-eu.customer.io/api/v2/batch")).toBe(
      "https://track-eu.customer.io/api/v2/batch",
    );
  });

  test.each([
    "https://api-eu.customer.io/api/v2/batch",
    "http://track-eu.customer.io/api/v2/batch",
    "https://track-eu.customer.io.example.com/",
    "https://login.example.com/",
    "http://127.0.0.1:4010/api/v2/batch",
    null,
  ])("is not followed to %s", (location) => {
    expect(() => redirectTarget(us, location)).toThrow(
      expect.objectContaining({ code: "CUSTOMER_IO_REDIRECT" }),
    );
  });

  test("does not leave loopback", () => {
    expect(() => redirectTarget("http://127.0.0.1:4010/", us)).toThrow(
      expect.objectContaining({ code: "CUSTOMER_IO_REDIRECT" }),
    );
  });
});
