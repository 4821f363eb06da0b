import { ORPCError } from "@orpc/client";
import { expect, it } from "vitest";
import { shownFailure } from "./failure.ts";

it("shows a failure's own message and next step", () => {
  const error = new ORPCError("FAILURE", {
    data: { kind: "bad_input", code: "FILE_EMPTY", message: "a.csv is empty.", nextStep: "Export it again." },
  });
  expect(shownFailure(error)).toEqual({
    code: "FILE_EMPTY",
    message: "a.csv is empty.",
    nextStep: "Export it again.",
  });
});

it("never shows the text of an unexpected error, which could hold a stack or an address", () => {
  const shown = shownFailure(new Error("ENOENT ada@example.com at Object.<anonymous> (/app/x.js:1:2)"));
  expect(JSON.stringify(shown)).not.toMatch(/ENOENT|ada@example|x\.js/);
  expect(shown.nextStep).not.toBe("");
});

it("does not take a failure without words for one of the contract", () => {
  const shown = shownFailure(new ORPCError("FAILURE", { data: { code: "X" } }));
  expect(shown.message).not.toBe("");
  expect(shown.nextStep).not.toBe("");
});
