// The values of loss terms over a batch: of all rows at once, or of some at a time for terms on logits that would be large.
import { InputError } from '../../errors.js';
import { add, describeType, elementCount, type Tensor } from '../../graph/index.js';
import { at } from '../../look-up.js';
import { chunkedLosses, rowChunks, type Chunk, type OutputLayer, type SeenChunk } from './chunked-losses.js';
import { weightedSum, type TermValue } from './loss-balancer.js';
import type { BatchRows, LossTerm } from './loss-term.js';
import type { TrainStepOptions } from './step-options.js';

type Float = Tensor<'float32'>;

/** Logits that take no more bytes are made at once. */
const WHOLE_BYTES = 128 * 2 ** 20;
/** Bytes of logits that are made at a time where all would take more. */
const CHUNK_BYTES = 64 * 2 ** 20;

/** A term and how it is had. */
export interface OpenTerm extends Pick<TermValue, 'name' | 'weight' | 'group'> {
  /** Its value over the whole batch. */
  readonly whole: () => Float;
  /** Its value over some rows; absent for a term that has to see all. */
  readonly ofChunk?: (seen: SeenChunk) => Float;
  /** Leaves that it reads besides logits and rows. */
  readonly leaves: readonly Tensor[];
}

/** What terms are evaluated over. */
export interface TermPlace {
  readonly student: OutputLayer | undefined;
  /** Absent where no term compares. */
  readonly teacher?: OutputLayer | undefined;
  readonly rows: BatchRows;
  /** Rows at a time; all at once when not given. */
  readonly chunks: readonly Chunk[] | undefined;
  /** Whether the values are differentiated. */
  readonly learn: boolean;
  /** Whether each value is differentiated by itself, as a balancer may, or only their weighted sum. */
  readonly apart: boolean;
}

/** The terms' values in their order, and their weighted sum, `undefined` where there is none. */
export interface TermValues {
  readonly values: readonly TermValue[];
  readonly total: Float | undefined;
}

/** Whether a term can be had of some rows at a time. */
export function isRowwise(term: LossTerm): boolean {
  return term.acrossRows !== true && (!term.needsTeacher || (term.needs ?? []).length === 0);
}

/** Rows at a time for a vocabulary of so many tokens; `undefined` for all at once. */
export function logitChunks(
  { logitRows, precision, batch, length }: Pick<TrainStepOptions, 'logitRows' | 'precision' | 'batch' | 'length'>,
  vocabulary: number,
): readonly Chunk[] | undefined {
  const bytes = 4 * batch * length * vocabulary;
  const rows = logitRows ?? (bytes > WHOLE_BYTES ? Math.floor(CHUNK_BYTES / (4 * vocabulary)) : batch * length);
  return rows >= batch * length || precision === 'float16' ? undefined : rowChunks({ batch, length }, rows);
}

/** Evaluates terms. Throws `InputError`, naming the term, for an exception of its own and for what is not one number. */
export function termValues(terms: readonly OpenTerm[], place: TermPlace): TermValues {
  const { student, teacher, chunks } = place;
  const split = terms.flatMap((term) => {
    const { ofChunk, group } = term;
    return ofChunk === undefined || (group !== 'data' && teacher === undefined) ? [] : [{ term, ofChunk }];
  });
  const known = ({ name, weight, group }: OpenTerm, value: Float): TermValue => ({ name, weight, group, value });
  if (student === undefined || chunks === undefined || split.length === 0) {
    const values = terms.map((term) => known(term, scalarOf(term.name, term.whole)));
    return { values, total: weightedSum(values) };
  }
  const sum = split.map(({ term }, index) => ({ term: index, weight: term.weight }));
  const chunked = chunkedLosses({
    ...place,
    student,
    chunks,
    values: (seen) => split.map(({ term, ofChunk }) => scalarOf(term.name, () => ofChunk(seen))),
    leaves: split.flatMap(({ term }) => term.leaves),
    groups: place.apart ? sum.map(({ term }) => [{ term, weight: 1 }]) : [sum],
  });
  const single = place.apart ? chunked.groups : chunked.values;
  const own = new Map(split.map(({ term }, index) => [term, at(single, index)]));
  const values = terms.map((term) => known(term, own.get(term) ?? scalarOf(term.name, term.whole)));
  if (place.apart) return { values, total: weightedSum(values) };
  const rest = weightedSum(values.filter((_, index) => !own.has(at(terms, index))));
  const total = at(chunked.groups, 0);
  return { values, total: rest === undefined ? total : add(rest, total) };
}

/** A term's value. Throws `InputError`, naming the term, for an exception of its own and for what is not one number. */
export function scalarOf(name: string, make: () => Float): Float {
  const refused = (found: string, cause?: unknown): InputError =>
    new InputError({ asked: `use loss "${name}"`, found, fix: 'Correct the loss term' }, { cause });
  let value: Float;
  try {
    value = make();
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    throw refused(cause instanceof Error ? cause.message : String(cause), cause);
  }
  if (elementCount(value.shape) === 1) return value;
  throw refused(`it gives ${describeType(value)}, and must give one float32 number (rowMean takes the mean over rows)`);
}
