import type { TextPiece } from "./text-decoding.ts";

/**
 * Makes every line break end in LF, so that CRLF, LF and CR can be mixed in one file: CRLF and LF stay, a CR alone
 * becomes CR CR LF. No other text comes out as CR CR LF, so `restoreLineBreaks` gives back what stood in the file.
 * A line break is never split between two pieces.
 */
export async function* unifyLineBreaks(pieces: AsyncIterable<TextPiece>): AsyncIterable<TextPiece> {
  let heldBack = "";
  let read = 0;
  for await (const { text, bytesRead } of pieces) {
    const whole = heldBack + text;
    // A CR at the end may be half of a CRLF.
    heldBack = whole.endsWith("\r") ? "\r" : "";
    read = bytesRead;
    yield { text: endInLineFeed(heldBack ? whole.slice(0, -1) : whole), bytesRead };
  }
  if (heldBack) yield { text: endInLineFeed(heldBack), bytesRead: read };
}

function endInLineFeed(text: string): string {
  return text.includes("\r") ? text.replace(/\r(?!\n)/g, "\r\r\n") : text;
}

/** Gives back the line breaks of the file inside a cell or row. */
export function restoreLineBreaks(text: string): string {
  return text.includes("\r") ? text.replaceAll("\r\r\n", "\r") : text;
}

/** How many line breaks the text holds. */
export function countLineBreaks(text: string): number {
  let count = 0;
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) count++;
  return count;
}
