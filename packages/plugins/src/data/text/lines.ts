// Lines of a file, and a file whole. A line ends at LF or CRLF and nowhere else: a lone CR, U+2028 and U+2029 are characters of it.
// Lines are cut as bytes, so that every version of Node reads the same ones.
import { InputError } from '@espalier/core';
import { bytesOf } from './bytes.js';
import { decodeStrictly, markLength, refuseWide } from './utf8.js';

/** A line without its end. */
export interface Line {
  readonly text: string;
  /** 1-based. */
  readonly number: number;
}

/** Bytes of a line, or of a file that is one document: what is longer is no document, and could not be encoded at once. */
const MOST_BYTES = 2 ** 28;
const [LF, CR] = [10, 13];

/** Lines in order. Throws `InputError` for what cannot be read, is no UTF-8, or is longer than `most` bytes. */
export async function* lines(file: string, most = MOST_BYTES): AsyncGenerator<Line> {
  let [number, offset] = [1, 0];
  let pending: Buffer[] = [];
  let size = 0;
  const line = (): Line => {
    const [only = Buffer.alloc(0)] = pending;
    const bytes = pending.length > 1 ? Buffer.concat(pending) : only;
    const mark = number === 1 ? markLength(bytes) : 0;
    const end = bytes.at(-1) === CR ? bytes.length - 1 : bytes.length;
    return { number, text: decodeStrictly(bytes.subarray(mark, end), { file, line: number, offset: offset + mark }) };
  };
  for await (const piece of bytesOf(file)) {
    if (offset === 0 && size === 0) refuseWide(piece, file);
    for (let start = 0; start < piece.length;) {
      const found = piece.indexOf(LF, start);
      const end = found === -1 ? piece.length : found;
      pending.push(piece.subarray(start, end));
      size += end - start;
      if (size > most) throw tooLong(`line ${number} of "${file}"`, most);
      start = end + 1;
      if (found === -1) break;
      yield line();
      [number, offset, pending, size] = [number + 1, offset + size + 1, [], 0];
    }
  }
  if (size > 0) yield line();
}

/** A file as one text. Throws as `lines`. */
export async function wholeText(file: string, most = MOST_BYTES): Promise<string> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of bytesOf(file)) {
    if (size === 0) refuseWide(piece, file);
    pieces.push(piece);
    size += piece.length;
    if (size > most) throw tooLong(`"${file}" as a whole`, most);
  }
  const bytes = Buffer.concat(pieces);
  const mark = markLength(bytes);
  return decodeStrictly(bytes.subarray(mark), { file, line: 1, offset: mark });
}

function tooLong(what: string, most: number): InputError {
  return new InputError({
    asked: `read ${what}`,
    found: `it is longer than ${most} bytes, and is held in memory at once`,
    fix: 'Cut it into documents, one a line (plain text or JSONL)',
  });
}
