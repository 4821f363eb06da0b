import { describe, expect, it } from "vitest";
import { readEmail } from "./email-key.ts";

const keyOf = (cell: string): string => {
  const reading = readEmail(cell);
  return reading.kind === "good" ? reading.key : reading.kind;
};

describe("email key", () => {
  it.each([
    ["User@Example.COM", "user@example.com"],
    ["a.b@gmail.com", "a.b@gmail.com"],
    ["a+x@d.com", "a+x@d.com"],
    ["\u200Bjo@d.com ", "jo@d.com"],
    ["jo@EXÄMPLE.com", "jo@xn--exmple-cua.com"],
    ["jo@faß.de", "jo@xn--fa-hia.de"],
    ["jo@d.com.", "jo@d.com"],
    ["Jo Doe <Jo@d.com>", "jo@d.com"],
    ['"Doe, Jo @ work" <jo@d.com>', "jo@d.com"],
    ["<jo@d.com>", "jo@d.com"],
    ["MailTo: jo@d.com", "jo@d.com"],
    ["Jo < mailto:jo@d.com >", "jo@d.com"],
    ["jo\u00A0", "bad"],
    ["jose\u0301@d.com", "josé@d.com"],
    ["\u212A@d.com", "k@d.com"],
    ["\uFF21@d.com", "\uFF21@d.com"],
    ['"a@b"@d.com', '"a@b"@d.com'],
    ["İ@d.com", "İ@d.com"],
    ["jo@d。com", "jo@d.com"],
    ["jo@ab--cd.com", "jo@ab--cd.com"],
  ])("reads %j as %j", (cell, key) => expect(keyOf(cell)).toBe(key));

  it.each([
    "jo",
    "@d.com",
    "jo@",
    "jo@d@e.com",
    "a@x.com, b@y.com",
    "a@x.com;b@y.com",
    "A <a@x.com>, B <b@y.com>",
    "a@x.com <b@y.com>",
    "j o@d.com",
    "jo@d .com",
    "jo@localhost",
    "jo@1.2.3.4",
    "jo@[1.2.3.4]",
    "jo@-d.com",
    "jo@d-.com",
    "jo@d_e.com",
    "jo@d..com",
    "jo@d.com..",
    "jo@d.com/x",
    "jo@d.com?x=1",
    "jo@xn--a.com",
    `${"x".repeat(65)}@d.com`,
    `${"é".repeat(33)}@d.com`,
    `jo@${"x".repeat(64)}.com`,
    `${"x".repeat(62)}@${"y".repeat(62)}.${"y".repeat(62)}.${"y".repeat(62)}.com`,
    '"a b"@d.com',
  ])("refuses %j", (cell) => expect(keyOf(cell)).toBe("bad"));

  it.each(["", "  ", "\uFEFF", "123@placeholder.email", "X@Placeholder.Email", "<>", "mailto:"])(
    "takes %j for no address",
    (cell) => expect(keyOf(cell)).toBe("none"),
  );

  it("flags invisible characters inside, and only inside", () => {
    expect(readEmail("jo@exa\u00ADmple.com")).toMatchObject({
      key: "jo@example.com",
      hiddenCharacters: true,
    });
    expect(readEmail("\u200Bjo@example.com")).toMatchObject({ hiddenCharacters: false });
  });

  it("keeps the spelling of the local part for the destination, with the ASCII domain", () => {
    expect(readEmail(" Jo.Doe@EXÄMPLE.com ")).toMatchObject({
      send: "Jo.Doe@xn--exmple-cua.com",
      spelling: "Jo.Doe@EXÄMPLE.com",
    });
  });

  it("accepts a placeholder address in a subdomain as an ordinary one", () => {
    expect(keyOf("a@x.placeholder.email")).toBe("a@x.placeholder.email");
  });
});
