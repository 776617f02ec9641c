// Numbers given as flags; commander prints the message and exits with code 2.
import { InvalidArgumentError } from 'commander';

/** A whole number. */
export function integer(text: string): number {
  const value = Number(text);
  if (/^-?\d+$/.test(text) && Number.isSafeInteger(value)) return value;
  throw new InvalidArgumentError(
    `It must be a whole number between -${Number.MAX_SAFE_INTEGER} and ${Number.MAX_SAFE_INTEGER}.`,
  );
}

/** Largest numbers that flags take, each with its reason. What a model and a recipe allow is checked when they are known. */
export const limits = {
  /** Sequences of a batch: more in one piece is slower, not faster. */
  batch: [2 ** 16, 'a step of more sequences is made of several batches'],
  /** Tokens of a sequence: no model has a longer context. */
  length: [2 ** 24, 'no model has a longer context'],
  /** Sequences or documents. */
  samples: [2 ** 24, 'Minitron reads 1024'],
  /** Texts written at once. */
  texts: [2 ** 12, 'more are written by several calls with other seeds'],
  /** Threads of a backend. */
  threads: [2 ** 10, 'no machine has more to give'],
  /** Tokens of a training. */
  tokens: [1e15, 'no text is longer'],
  /** What widths are multiples of. */
  width: [2 ** 16, 'no model is wider'],
  /** Steps. */
  steps: [1e9, 'no training is longer'],
} as const satisfies Readonly<Record<string, readonly [number, string]>>;

/** Reads a whole number of at least 1 and at most the limit; `2M`, `500k` and `2e6` are accepted. */
export function positive([most, reason]: readonly [number, string]): (text: string) => number {
  return (text) => {
    const [, digits, unit = ''] = /^(\d+(?:\.\d+)?(?:[eE]\d+)?)([kKmMbB]?)$/.exec(text) ?? [];
    const value = Number(digits) * (scales.get(unit.toLowerCase()) ?? NaN);
    if (value > most) throw new InvalidArgumentError(`It must be at most ${most}: ${reason}.`);
    if (Number.isInteger(value) && value >= 1) return value;
    throw new InvalidArgumentError('It must be a whole number of at least 1, such as 64, 500k, 2M or 1e9.');
  };
}

const scales: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['k', 1e3],
  ['m', 1e6],
  ['b', 1e9],
]);

/** Reads a whole number of at least 0 and at most the limit. */
export function nonNegative(limit: readonly [number, string]): (text: string) => number {
  return (text) => (text === '0' ? 0 : positive(limit)(text));
}

/** A number above 0 and at most 1. */
export function fraction(text: string): number {
  const value = Number(text);
  if (value > 0 && value <= 1) return value;
  throw new InvalidArgumentError('It must be a number above 0 and at most 1.');
}

/** A number between 0 and 1000: beyond, every token is as likely as any other. */
export function temperature(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= 1000) return value;
  throw new InvalidArgumentError('It must be a number between 0 and 1000.');
}

/** Hours above 0, a year at most. */
export function hours(text: string): number {
  const value = Number(text);
  if (value > 0 && value <= 8766) return value;
  throw new InvalidArgumentError('It must be a number of hours above 0, and a year (8766) at most.');
}
