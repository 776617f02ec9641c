// The numbers of an evaluator's result that tables and reports show, each with everything that is needed to show it.
import type { Json } from '../../pipeline/index.js';
import type { Evaluator, Measure } from './evaluator.js';

/** One number of a result. A type, not an interface: it goes into events and summaries. */
export type Measured = Omit<Measure, 'label' | 'interval' | 'chance' | 'n'> & {
  /** Name of the evaluator. */
  readonly evaluator: string;
  /** Member of its result. */
  readonly name: string;
  /** For people, short. */
  readonly label: string;
  /** The number. */
  readonly value: number;
  /** Set where it depends on the machine and the moment. */
  readonly timed?: true;
  /** Its 95% interval; null where there is too little text to say. */
  readonly interval?: readonly [low: number, high: number] | null;
  /** Least and greatest value of several measurements, whose median the value is. */
  readonly range?: readonly [least: number, greatest: number];
  /** What a guess comes to. */
  readonly chance?: number;
  /** How many questions a share is of. */
  readonly n?: number;
};

/** The numbers of a result by the evaluator's `measures`; every number at its top, where it has none. Members that are no numbers are left out. */
export function measuredBy(
  { name: evaluator, measures, timed }: Pick<Evaluator, 'name' | 'measures' | 'timed'>,
  result: Json,
): readonly Measured[] {
  if (typeof result === 'number') return [{ evaluator, name: evaluator, label: evaluator, value: result }];
  if (!isRecord(result)) return [];
  const wanted = measures ?? Object.fromEntries(Object.keys(result).map((name): [string, Measure] => [name, {}]));
  const numberAt = (name: string | undefined): number | undefined => {
    const value = name !== undefined && Object.hasOwn(result, name) ? result[name] : undefined;
    return typeof value === 'number' ? value : undefined;
  };
  return Object.entries(wanted).flatMap(([name, { label = name, interval, chance, n, ...form }]) => {
    const value = numberAt(name);
    if (value === undefined) return [];
    const [between, guessed, questions] = [intervalOf(interval, result), numberAt(chance), numberAt(n)];
    return [
      {
        evaluator,
        name,
        label,
        value,
        ...form,
        ...(timed === true ? { timed } : {}),
        ...(between === undefined ? {} : { interval: between }),
        ...(guessed === undefined ? {} : { chance: guessed }),
        ...(questions === undefined ? {} : { n: questions }),
      },
    ];
  });
}

/** Whether a number is worse than what a guess comes to. */
export function worseThanChance({ value, chance, better }: Pick<Measured, 'value' | 'chance' | 'better'>): boolean {
  if (chance === undefined || better === undefined) return false;
  return better === 'lower' ? value > chance : value < chance;
}

function intervalOf(
  name: string | undefined,
  result: { readonly [key: string]: Json },
): readonly [number, number] | null | undefined {
  const value = name !== undefined && Object.hasOwn(result, name) ? result[name] : undefined;
  if (value === null) return null;
  if (!Array.isArray(value)) return undefined;
  const [low, high] = value as readonly Json[];
  return typeof low === 'number' && typeof high === 'number' ? [low, high] : undefined;
}

function isRecord(value: Json): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
