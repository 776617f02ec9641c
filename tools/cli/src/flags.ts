// Numbers given as flags; commander prints the message and exits with code 2.
import { InvalidArgumentError } from 'commander';

/** A whole number. */
export function integer(text: string): number {
  if (/^-?\d+$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number.');
}

/** A whole number of at least 1; `2M` and `500k` are accepted. */
export function positive(text: string): number {
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)([kKmMbB]?)$/.exec(text) ?? [];
  const scales: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, b: 1e9 };
  const value = Number(digits) * (scales[unit.toLowerCase()] ?? NaN);
  if (Number.isInteger(value) && value >= 1) return value;
  throw new InvalidArgumentError('It must be a whole number of at least 1, such as 64, 500k or 2M.');
}

/** A whole number of at least 0. */
export function nonNegative(text: string): number {
  return text === '0' ? 0 : positive(text);
}

/** A number above 0 and at most 1. */
export function fraction(text: string): number {
  const value = Number(text);
  if (value > 0 && value <= 1) return value;
  throw new InvalidArgumentError('It must be a number above 0 and at most 1.');
}

/** A number of at least 0. */
export function temperature(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value < Infinity) return value;
  throw new InvalidArgumentError('It must be a number of at least 0.');
}
