// The character map of SentencePiece: a double array (Yata et al., "darts-clone") from UTF-8 prefixes to replacements, and the
// replacements as text that ends in NUL.

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const encoder = new TextEncoder();
const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' });

/** Longest grapheme, in bytes, that is looked up as a whole. */
const LONGEST = 5;

/** What a base64 character map makes of texts. Throws `SyntaxError` where it is none. */
export function precompiledNormalizer(base64: string): (text: string) => string {
  const blob = Buffer.from(base64, 'base64');
  if (blob.length < 4) throw new SyntaxError('an empty character map');
  const size = blob.readUInt32LE(0);
  if (size % 4 !== 0 || size === 0 || 4 + size > blob.length) throw new SyntaxError('a damaged character map');
  const units = Uint32Array.from({ length: size / 4 }, (_, index) => blob.readUInt32LE(4 + 4 * index));
  const replacements = blob.subarray(4 + size);
  const known = new Map<string, string | undefined>();
  const look = (chunk: string): string | undefined => {
    if (known.has(chunk)) return known.get(chunk);
    const start = firstValue(units, encoder.encode(chunk));
    const end = start === undefined ? -1 : replacements.indexOf(0, start);
    const found = end < 0 ? undefined : decoder.decode(replacements.subarray(start, end));
    if (known.size < 10_000) known.set(chunk, found);
    return found;
  };
  return (text) => {
    let result = '';
    for (const { segment } of graphemes.segment(text)) {
      const whole = Buffer.byteLength(segment) <= LONGEST ? look(segment) : undefined;
      result += whole ?? Array.from(segment, (character) => look(character) ?? character).join('');
    }
    return result;
  };
}

/** The value of the shortest key that is a prefix of these bytes: as in Hugging Face's implementation, not the longest. */
function firstValue(units: Uint32Array, key: Uint8Array): number | undefined {
  let place = offset(units[0]!);
  for (const byte of key) {
    if (byte === 0) return undefined;
    place ^= byte;
    const unit = units[place];
    if (unit === undefined || (unit & 0x800000ff) >>> 0 !== byte) return undefined;
    place ^= offset(unit);
    const value = units[place];
    if (((unit >>> 8) & 1) === 1) return value === undefined ? undefined : value & 0x7fffffff;
  }
  return undefined;
}

function offset(unit: number): number {
  return (unit >>> 10) << ((unit & 0x200) >>> 6);
}
