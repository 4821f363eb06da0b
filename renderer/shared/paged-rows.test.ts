import { expect, it } from "vitest";
import { pagesOf } from "./paged-rows.ts";

it("asks only for the pages on show, and for the first one, which tells the length", () => {
  expect(pagesOf({ first: 0, last: 20 }, 0)).toEqual([0]);
  expect(pagesOf({ first: 19_390, last: 19_410 }, 0)).toEqual([0, 96, 97]);
});

it("keeps the page of the open row when the list is scrolled elsewhere", () => {
  expect(pagesOf({ first: 0, last: 20 }, 450)).toEqual([0, 2]);
});
