import { expect, it } from "vitest";
import { inventedConflict, inventedDetail } from "../testing/invented-world.ts";
import { recordLines, statesDiffer } from "./record-rows.ts";

const { records } = inventedDetail(inventedConflict(0));
const line = (field: string) => recordLines(records).find((each) => each.field === field);

it("puts the values of all records side by side, with a gap where a record has none", () => {
  expect(line("city")).toEqual({ field: "city", values: ["Berlin", "Hamburg", null], differs: true });
});

it("marks no difference where one record only lacks the value", () => {
  expect(line("company")).toMatchObject({ values: ["Analytical Engines", null, null], differs: false });
  expect(line("first_name")?.differs).toBe(false);
});

it("tells whether the records agree on consent", () => {
  expect(statesDiffer(records)).toBe(true);
  expect(statesDiffer([records[0]!, records[0]!])).toBe(false);
});
