// Writes config.json the way Hugging Face's tools do: two spaces, keys in the order given, everything ASCII, and a number
// that was spelled as a float stays one (Python tells 10000.0 from 10000; JavaScript does not).
import { InternalError } from '../../errors.js';
import { scanJson } from '../json.js';

/** Text of a config; `original` is the text it was derived from, whose spelling of numbers is kept where they stand. */
export function formatConfig(config: Readonly<Record<string, unknown>>, original = '{}'): string {
  const spellings = new Map<string, string>();
  scanJson(original, (pointer, spelling) => spellings.set(pointer, spelling));
  return `${escapeNonAscii(format(config, '', '\n', spellings))}\n`;
}

function format(value: unknown, pointer: string, newline: string, spellings: ReadonlyMap<string, string>): string {
  const inner = `${newline}  `;
  const nested = (item: unknown, key: string | number): string => format(item, `${pointer}/${key}`, inner, spellings);
  const wrap = (open: string, items: readonly string[], close: string): string =>
    items.length === 0 ? open + close : open + inner + items.join(`,${inner}`) + newline + close;
  if (typeof value === 'number') return formatNumber(value, pointer, spellings.get(pointer));
  if (Array.isArray(value)) return wrap('[', value.map(nested), ']');
  if (typeof value === 'object' && value !== null) {
    const given = Object.entries(value).filter(([, item]) => item !== undefined);
    return wrap(
      '{',
      given.map(([key, item]) => `${JSON.stringify(key)}: ${nested(item, key)}`),
      '}',
    );
  }
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return JSON.stringify(value);
  throw new InternalError(`config value at ${pointer} is no JSON: ${typeof value}`);
}

function formatNumber(value: number, pointer: string, spelling: string | undefined): string {
  if (spelling !== undefined && Number(spelling) === value) return spelling; // 1e999 too: it is carried as it stood
  if (!Number.isFinite(value)) throw new InternalError(`config value at ${pointer} is ${value}`);
  const wasFloat = spelling !== undefined && /[.eE]/.test(spelling);
  return wasFloat && Number.isInteger(value) && Math.abs(value) < 1e16 ? value.toFixed(1) : JSON.stringify(value);
}

function escapeNonAscii(text: string): string {
  return text.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
