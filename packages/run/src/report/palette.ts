// Which model has which colour, the same in every chart. Colours are classes; style.ts says what they are in light and dark.
// They follow Okabe and Ito, so that people who see fewer colours tell them apart; shape, dash or a label always helps.
import type { SummaryRow } from '../engine/summary.js';
import { methodOf } from './row-names.js';

const SERIES = 5;

/** Class names by row: `teacher`, then `s0` … in the order of the trained models; a pruned model has its method's first colour. */
export function paletteOf(rows: readonly SummaryRow[]): (name: string) => string {
  const trained = rows.filter(({ trainingTokens }) => trainingTokens > 0).map(({ name }) => name);
  const classes = new Map(trained.map((name, index) => [name, `s${index % SERIES}`]));
  const first = rows[0]?.name;
  return (name) => {
    if (name === first) return 'teacher';
    const method = methodOf(name);
    return classes.get(name) ?? classes.get(trained.find((own) => methodOf(own) === method) ?? '') ?? 's0';
  };
}
