// The nine aggregations of Muralidharan et al. 2024 (section 2.2, table 11): how the values of a channel over tokens and
// sequences become one score. First over the tokens of each sequence, then over the sequences.
import type { BatchSum, SequenceMeasure } from './moments.js';

/** Over a batch of B numbers S: mean |S|, √ΣS², or ΣS²/B − (ΣS/B)². */
export type BatchMeasure = SequenceMeasure;

/** Over the batch, then over the sequence. */
export type AggregationName = `${BatchMeasure}-${SequenceMeasure}`;

/** How the values of a channel over tokens and sequences become one score. */
export interface Aggregation {
  /** Over the batch, then over the sequence: `l2-mean`. */
  readonly name: AggregationName;
  /** One line for people. */
  readonly summary: string;
  /** What is taken of the tokens of each sequence. */
  readonly sequence: SequenceMeasure;
  /** Which sums over the sequences it needs. */
  readonly sums: readonly BatchSum[];
  /** The score of a channel from those sums (0 for one not asked for) over `samples` sequences. */
  combine(sum: number, squares: number, samples: number): number;
}

const words: { readonly [Measure in SequenceMeasure]: string } = { mean: 'mean |x|', l2: 'L2', variance: 'variance' };

const overBatch: { readonly [Measure in BatchMeasure]: Pick<Aggregation, 'sums' | 'combine'> } = {
  mean: { sums: ['sum'], combine: (sum, _squares, samples) => sum / samples },
  l2: { sums: ['squares'], combine: (_sum, squares) => Math.sqrt(squares) },
  variance: {
    sums: ['sum', 'squares'],
    combine: (sum, squares, samples) => Math.max(0, squares / samples - (sum / samples) ** 2),
  },
};

const measures: readonly SequenceMeasure[] = ['mean', 'l2', 'variance'];

/**
 * One of the nine of Muralidharan et al. 2024 (section 2.2, table 11): `sequence` over the valid tokens of each sequence, then
 * `batch` over the sequences.
 */
export function aggregation(batch: BatchMeasure, sequence: SequenceMeasure): Aggregation {
  const summary = `${words[batch]} over the batch of the ${words[sequence]} over the sequence`;
  return { name: `${batch}-${sequence}`, summary, sequence, ...overBatch[batch] };
}

/** All nine, by batch and then by sequence. */
export const aggregations: readonly Aggregation[] = measures.flatMap((batch) =>
  measures.map((sequence) => aggregation(batch, sequence)),
);

/** L2 over the batch, mean |x| over the sequence: the paper's winner (table 11) and NVIDIA's choice. */
export const l2Mean = aggregation('l2', 'mean');

/** Names of the nine. */
export const aggregationNames: readonly AggregationName[] = aggregations.map(({ name }) => name);

/** The aggregation of a name; throws `RangeError` for any but the nine. */
export function aggregationNamed(name: AggregationName): Aggregation {
  const own = aggregations.find((each) => each.name === name);
  if (own === undefined) throw new RangeError(`no aggregation "${name}"; there are ${aggregationNames.join(', ')}`);
  return own;
}
