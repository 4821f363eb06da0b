import { isUtf8 } from "node:buffer";

export interface TextPiece {
  text: string;
  /** Bytes of the file read so far. */
  bytesRead: number;
}

export type TextEncodingName = "UTF-8" | "UTF-16 LE" | "UTF-16 BE";

/** The encoding that the byte order mark tells, UTF-8 without one. */
export function encodingOf(start: Buffer): { encoding: TextEncodingName; markLength: number } {
  if (start[0] === 0xff && start[1] === 0xfe) return { encoding: "UTF-16 LE", markLength: 2 };
  if (start[0] === 0xfe && start[1] === 0xff) return { encoding: "UTF-16 BE", markLength: 2 };
  if (start[0] === 0xef && start[1] === 0xbb && start[2] === 0xbf)
    return { encoding: "UTF-8", markLength: 3 };
  return { encoding: "UTF-8", markLength: 0 };
}

/**
 * Decodes a file piece by piece, without its byte order mark. Bytes that are not valid text become lone surrogates,
 * which valid text never holds, so that the rows they stand in can be told from rows with a genuine U+FFFD.
 */
export async function* decodeText(bytes: AsyncIterable<Buffer>): AsyncIterable<TextPiece> {
  let rest: Buffer = Buffer.alloc(0);
  let bytesRead = 0;
  let decode: ((bytes: Buffer, last: boolean) => { text: string; used: number }) | undefined;
  for await (const piece of bytes) {
    bytesRead += piece.length;
    let whole = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    if (!decode) {
      rest = whole;
      if (whole.length < 3) continue;
      const { encoding, markLength } = encodingOf(whole);
      decode = decoders[encoding];
      whole = whole.subarray(markLength);
    }
    const { text, used } = decode(whole, false);
    rest = whole.subarray(used);
    yield { text, bytesRead };
  }
  if (!decode) {
    const { encoding, markLength } = encodingOf(rest);
    decode = decoders[encoding];
    rest = rest.subarray(markLength);
  }
  if (rest.length > 0) yield { text: decode(rest, true).text, bytesRead };
}

const decoders = {
  "UTF-8"(bytes: Buffer, last: boolean) {
    const used = last ? bytes.length : bytes.length - unfinishedUtf8(bytes);
    const whole = bytes.subarray(0, used);
    return { text: isUtf8(whole) ? whole.toString("utf8") : decodeMarkingInvalid(whole), used };
  },
  "UTF-16 LE"(bytes: Buffer, last: boolean) {
    const used = bytes.length - (bytes.length % 2);
    return { text: bytes.toString("utf16le", 0, used) + unpaired(bytes, used, last), used };
  },
  "UTF-16 BE"(bytes: Buffer, last: boolean) {
    const used = bytes.length - (bytes.length % 2);
    const swapped = Buffer.from(bytes.subarray(0, used)).swap16();
    return { text: swapped.toString("utf16le") + unpaired(bytes, used, last), used };
  },
};

/** A high surrogate stands for the half unit at the end of a cut UTF-16 file: nothing can follow and pair with it. */
function unpaired(bytes: Buffer, used: number, last: boolean): string {
  return last && used < bytes.length ? "\ud800" : "";
}

/** How many bytes at the end begin a UTF-8 sequence that the next piece goes on with. */
function unfinishedUtf8(bytes: Buffer): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back]!;
    if (byte >= 0x80 && byte < 0xc0) continue;
    return sequenceLength(byte) > back ? back : 0;
  }
  return 0;
}

function sequenceLength(lead: number): number {
  if (lead >= 0xf0) return 4;
  if (lead >= 0xe0) return 3;
  return lead >= 0xc0 ? 2 : 1;
}

/** Every byte outside a valid sequence becomes U+DC00 + byte. */
function decodeMarkingInvalid(bytes: Buffer): string {
  let text = "";
  let validFrom = 0;
  for (let at = 0; at < bytes.length; ) {
    const byte = bytes[at]!;
    const length = sequenceLength(byte);
    if (
      byte < 0x80 ||
      (length > 1 && at + length <= bytes.length && isUtf8(bytes.subarray(at, at + length)))
    ) {
      at += length;
      continue;
    }
    text += bytes.toString("utf8", validFrom, at) + String.fromCharCode(0xdc00 + byte);
    at += 1;
    validFrom = at;
  }
  return text + bytes.toString("utf8", validFrom);
}
