import { expect, test } from "vitest";
import { errorSentence, readErrors } from "./answer-errors.ts";

test.each([
  [
    { errors: [{ batch_index: 2, reason: "invalid", field: "id", message: "too long" }] },
    2,
    "invalid: id: too long",
  ],
  [
    { errors: [{ reason: "required", field: "batch", message: "batch is required" }] },
    null,
    "required: batch: batch is required",
  ],
  [{ errors: [{ batch_index: 0, reason: "required" }] }, 0, "required"],
  [{ errors: [{ detail: "not found", status: 404 }] }, null, "not found"],
  [
    { errors: [{ detail: "is empty", status: "422", source: { pointer: "/data/attributes/ids" } }] },
    null,
    "/data/attributes/ids: is empty",
  ],
  [{ meta: { error: "bad request" } }, null, "bad request"],
  [{ meta: { errors: ["bad request"] } }, null, "bad request"],
  [{ errors: "bad request" }, null, "bad request"],
])("reads the error body %j", (body, batchIndex, text) => {
  expect(readErrors(body)).toEqual([{ batchIndex, text }]);
});

test.each([{}, { errors: null }, { errors: [] }, "text", undefined])("finds no complaint in %j", (body) => {
  expect(errorSentence(readErrors(body))).toBe("no reason given");
});

test("takes addresses out of the vendor's words", () => {
  const body = { errors: [{ detail: 'email "jo.doe+x@example.com" and jo%40example.com are taken' }] };
  expect(errorSentence(readErrors(body))).toBe('email "[address]" and [address] are taken');
});
