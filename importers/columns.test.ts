import { describe, expect, test } from "vitest";
import { Columns } from "./columns.ts";
import { headerKey } from "./headers.ts";

function attributesOf(headers: string[], cells: string[]) {
  return columnsOf(headers).row({ line: 2, cells }).attributes();
}

function columnsOf(headers: string[]) {
  return new Columns(
    { source: "csv", fields: { email: ["email"] }, isBookkeeping: () => false },
    { name: "x.csv", format: "csv", headers },
  );
}

test("headers are compared without letter case, spaces and punctuation, in one Unicode form", () => {
  expect(headerKey(" E-Mail_Address ")).toBe("emailaddress");
  expect(headerKey("Stra\u00dfe")).toBe("straße");
  expect(headerKey("Gro\u0308\u00dfe 2")).toBe(headerKey("GRÖSSE 2".replace("SS", "ß")));
});

describe("attributes", () => {
  test("standard ones have one name whatever the vendor calls them, the first that is not empty counts", () => {
    expect(
      attributesOf(
        ["FNAME", "First Name", "Mobile Phone", "State/Region", "Job title"],
        ["", "Anna", "1", "BY", "Dr"],
      ),
    ).toEqual({
      first_name: "Anna",
      phone: "1",
      region: "BY",
      title: "Dr",
    });
  });

  test("others keep their exact name; of two with the very same header the first counts and the other is kept aside", () => {
    expect(attributesOf(["Shoe size", "shoe size", "Tag", "Tag"], ["39", "40", "first", "second"])).toEqual({
      "Shoe size": "39",
      "shoe size": "40",
      Tag: "first",
      "csv.Tag (column 4)": "second",
    });
  });

  test("a column without a name is named by its place, and left out where it is empty", () => {
    expect(attributesOf(["email", "", ""], ["a@x.com", "", "x"])).toEqual({ column_3: "x" });
  });

  test("empty values are left out, everything else stays as it is", () => {
    expect(attributesOf(["a", "b", "c", "d"], ["", "[]", " x ", "0"])).toEqual({ c: " x ", d: "0" });
  });

  test("a column may be called __proto__", () => {
    expect(Object.entries(attributesOf(["__proto__", "constructor"], ["1", "2"]))).toEqual([
      ["__proto__", "1"],
      ["constructor", "2"],
    ]);
  });

  test("the spreadsheet guard is taken off before a formula sign, and nowhere else", () => {
    const cells = ["'=1", "'+49", "'-1", "'@x", "'\tx", "'\nx", "'s-Gravenhage", "''=1", "="];
    const found = attributesOf(
      cells.map((_, n) => `c${n}`),
      cells,
    );
    expect(Object.values(found)).toEqual([
      "=1",
      "+49",
      "-1",
      "@x",
      "\tx",
      "\nx",
      "'s-Gravenhage",
      "''=1",
      "=",
    ]);
  });
});

test("identifiers lose the guard too, and nothing else", () => {
  const columns = columnsOf(["Email"]);
  expect(columns.row({ line: 2, cells: ["'+a@x.com "] }).text("email")).toBe("+a@x.com ");
});

test("in NDJSON the columns of every row are found by name, and a guard is none", () => {
  const columns = columnsOf(["email"]);
  const rows = [{ email: "a@x.com", x: 1 }, { y: true, Email: "'=b" }, { x: null }].map((object, n) =>
    columns.row({ line: n + 1, object }),
  );
  expect(rows.map((row) => row.text("email"))).toEqual(["a@x.com", "'=b", null]);
  expect(rows.map((row) => row.attributes())).toEqual([{ x: 1 }, { y: true }, {}]);
});
