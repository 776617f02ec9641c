// What a comparison leaves behind: rows of one table, as `summary.json` holds them.
import type { Measured } from '@espalier/core';
import type { Answer } from './answer.js';

/** One model of the comparison. */
export interface SummaryRow {
  /** `teacher`, or method and training: `width/pruned`, `depth/distilled`, … */
  readonly name: string;
  /** Embeddings included. */
  readonly parameters: number;
  /** Embeddings left out. */
  readonly nonEmbeddingParameters: number;
  /** Parameters of the model that its step cut, embeddings included; absent for the teacher. */
  readonly cutFrom?: number;
  /** What the evaluators found, in the order that the recipe gives them. */
  readonly measures: readonly Measured[];
  /** Tokens trained on after pruning. */
  readonly trainingTokens: number;
}

/** Everything that a run has measured. */
export interface Summary {
  /** A row for every model that was measured; the first is the teacher. */
  readonly rows: readonly SummaryRow[];
  /** The model that the run is for: what it exported, else the last step's student. */
  readonly answer?: Answer;
  /** Of every random choice. */
  readonly seed: number;
  /** Versions that the results depend on. */
  readonly versions: Readonly<Record<string, string>>;
}

/** The same measure in another row. */
export function measureIn(
  { measures }: SummaryRow,
  { evaluator, name }: Pick<Measured, 'evaluator' | 'name'>,
): Measured | undefined {
  return measures.find((own) => own.evaluator === evaluator && own.name === name);
}

/** Every measure that a row has, in the order of the first rows that have them. */
export function measuresOf(rows: readonly SummaryRow[]): readonly Measured[] {
  const all = new Map(rows.flatMap(({ measures }) => measures).map((own) => [`${own.evaluator}\n${own.name}`, own]));
  return [...all.values()];
}

/** What rows are compared by: the first measure that says what is better and is no speed. */
export function decidingMeasure(rows: readonly SummaryRow[]): Measured | undefined {
  return measuresOf(rows).find(({ better, timed }) => better !== undefined && timed !== true);
}
