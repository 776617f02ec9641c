// The table of a study as Markdown: one section for each claim, one row for each variant, intervals over seeds, and whether the
// first variant is clearly ahead. It says what was found, whatever the claim.
import type { Numbers } from './experiment.js';
import { clear, estimate, pairedDifference, shown } from './summary.js';

/** Results of one experiment, one record for each seed. */
export interface Result {
  readonly name: string;
  readonly claim: string;
  readonly seeds: readonly Readonly<Record<string, Numbers>>[];
}

/** The study as Markdown. */
export function studyTable(results: readonly Result[]): string {
  return results.map(section).join('\n\n');
}

function section({ name, claim, seeds }: Result): string {
  const [first = {}] = seeds;
  const variants = Object.keys(first);
  const columns = [...new Set(Object.values(first).flatMap(Object.keys))];
  const valuesOf = (variant: string, column: string): readonly number[] =>
    // eslint-disable-next-line no-restricted-syntax -- not every variant has every column
    seeds.map((seed) => seed[variant]?.[column] ?? NaN);
  const [leader = ''] = variants;
  const rows = variants.map((variant) => {
    const cells = columns.map((column) => shown(estimate(valuesOf(variant, column)), digits(column)));
    return [variant, ...cells, verdict(variant, leader, columns, valuesOf)];
  });
  const head = ['variant', ...columns, `against "${leader}"`];
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const table = [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
  return `### ${name.charAt(0).toUpperCase()}${name.slice(1)}\n\nClaim: ${claim}.\n\n${table}`;
}

function digits(column: string): number {
  return column === 'tokens' || column.includes('step') ? 0 : column.startsWith('cloze') ? 3 : 4;
}

/** The paired difference of the last loss column, and whether it is clear of noise. */
function verdict(
  variant: string,
  leader: string,
  columns: readonly string[],
  valuesOf: (variant: string, column: string) => readonly number[],
): string {
  const column = columns.findLast((own) => own.startsWith('loss'));
  if (variant === leader || column === undefined) return '';
  const difference = pairedDifference(valuesOf(variant, column), valuesOf(leader, column));
  if (!Number.isFinite(difference.margin)) return shown(difference, 4);
  const word = clear(difference) ? (difference.mean > 0 ? 'worse' : 'better') : 'within noise';
  return `${difference.mean > 0 ? '+' : ''}${shown(difference, 4)}, ${word}`;
}
