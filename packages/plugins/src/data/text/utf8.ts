// Bytes as text, strictly: what is no UTF-8 is refused with the place where it begins, and never replaced.
import { InputError, present } from '@espalier/core';

/** Where bytes come from, for messages. */
export interface Place {
  readonly file: string;
  /** 1-based number of the line that the bytes begin in. */
  readonly line: number;
  /** 0-based place of the first byte in the content of the file. */
  readonly offset: number;
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The text of bytes. Throws `InputError` with line and byte of what is no UTF-8, and the command that converts it. */
export function decodeStrictly(bytes: Uint8Array, place: Place): string {
  try {
    return strict.decode(bytes);
  } catch (cause) {
    const start = validBytes(bytes);
    const line = place.line + bytes.subarray(0, start).reduce((count, byte) => count + (byte === 10 ? 1 : 0), 0);
    throw notUtf8(bytes[start], { ...place, line, offset: place.offset + start }, cause);
  }
}

/** Bytes before the first that begins no character: as many as the text of the longest prefix that is valid so far. */
function validBytes(bytes: Uint8Array): number {
  const text = (end: number): string | undefined => {
    try {
      // `stream` holds back a character that is cut at the end, instead of refusing it.
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.subarray(0, end), {
        stream: true,
      });
    } catch {
      return undefined;
    }
  };
  let [good, bad] = [0, bytes.length + 1];
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    if (text(middle) === undefined) bad = middle;
    else good = middle;
  }
  return Buffer.byteLength(present(text(good), 'the text before the first wrong byte'));
}

function notUtf8(byte: number | undefined, { file, line, offset }: Place, cause: unknown): InputError {
  const shown = byte === undefined ? 'the end' : `0x${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  // Bytes 80–9F are letters and quotation marks of Windows, and control characters of Latin-1.
  const likely = byte !== undefined && byte < 0xa0 ? 'WINDOWS-1252' : 'ISO-8859-1';
  return new InputError(
    {
      asked: `read text "${file}"`,
      found: `line ${line} is no UTF-8 at byte ${offset} of the file, counted from 0 (${shown})`,
      fix: `Convert it, if it is ${likely === 'ISO-8859-1' ? 'Latin-1' : 'of Windows'}: iconv -f ${likely} -t UTF-8 OLD > NEW`,
    },
    { cause },
  );
}

/** Bytes that a mark of UTF-8 takes at the beginning of a file: 3 or 0. */
export function markLength(bytes: Uint8Array): number {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
}

/** Throws `InputError` for a file that begins as UTF-16 or UTF-32 does: with its mark, or with every second byte zero. */
export function refuseWide(start: Uint8Array, file: string): void {
  const encoding = wideEncoding(start.subarray(0, 4096));
  if (encoding === undefined) return;
  throw new InputError({
    asked: `read text "${file}"`,
    found: `it begins as ${encoding} does`,
    fix: `Convert it to UTF-8: iconv -f ${encoding} -t UTF-8 OLD > NEW`,
  });
}

function wideEncoding(start: Uint8Array): string | undefined {
  const [a, b, c, d] = start;
  if (a === 0xff && b === 0xfe) return c === 0 && d === 0 ? 'UTF-32' : 'UTF-16';
  if (a === 0xfe && b === 0xff) return 'UTF-16';
  if (a === 0 && b === 0 && c === 0xfe && d === 0xff) return 'UTF-32';
  const zeros = (side: 0 | 1): number => start.filter((byte, index) => index % 2 === side && byte === 0).length;
  const [even, odd] = [zeros(0), zeros(1)];
  const most = start.length / 4; // half of the places on one side
  if (start.length < 8 || (even < most && odd < most)) return undefined;
  return odd > even ? 'UTF-16LE' : 'UTF-16BE';
}
