/** A string, which is left alone, or a number. */
const stringOrNumber = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.]*(?:[eE][+-]?\d+)?/g;
/** A number's place, so that ids of hexadecimal digits in strings cost nothing. */
const longNumber = /(?:^|[:[,])\s*-?\d(?:[\d.]{15}|[\d.]*[eE])/;

/**
 * Parses JSON; a number that JavaScript cannot hold (16 digits or more, or beyond its range) becomes its text, so
 * that a long id loses no digit.
 *
 * @throws SyntaxError where the text is not JSON
 */
export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (!longNumber.test(text)) return value;
  return JSON.parse(
    text.replace(stringOrNumber, (token) => (isTooLong(token) ? JSON.stringify(token) : token)),
  );
}

function isTooLong(token: string): boolean {
  if (token.startsWith('"')) return false;
  const digits = token.replace(/[eE].*/, "").replace(/\D/g, "");
  return digits.length >= 16 || !Number.isFinite(Number(token));
}
