// What a plan shows of the work of its stages: how long each takes here, or how many tokens it reads.
import { formatCount, formatDuration, formatPercent, type StageWork } from '@espalier/run';

/** Written token by token, even 64 texts side by side, an operation takes about as long as four of a training. */
const WRITING = 4;
/** Share of the work below which a stage is not listed. */
const LISTED = 0.01;

/** Seconds on a machine that does `rate` operations a second in training. */
export function secondsOf({ flops, writes }: StageWork, rate: number): number {
  return ((writes === true ? WRITING : 1) * flops) / rate;
}

/** One line, `of` in its head: the stages by what they take, most first, or none where nothing is computed. */
export function workLines(work: readonly StageWork[], rate: number | undefined, of = ''): readonly string[] {
  const cost = (own: StageWork): number => secondsOf(own, rate ?? 1);
  const stages = new Map<string, readonly StageWork[]>();
  for (const own of work) stages.set(nameOf(own), [...(stages.get(nameOf(own)) ?? []), own]);
  const total = sum(work.map(cost));
  if (total === 0) return [];
  const listed = [...stages]
    .map(([name, own]) => ({ name, cost: sum(own.map(cost)), tokens: sum(own.map(({ tokens }) => tokens)) }))
    .filter((own) => own.cost >= LISTED * total)
    .toSorted((a, b) => b.cost - a.cost)
    .map((own) =>
      rate === undefined
        ? `${own.name} ${formatCount(own.tokens)} tokens (${formatPercent(own.cost / total, 0)})`
        : `${own.name} ${formatDuration(own.cost)}`,
    );
  const head = rate === undefined ? `work${of}` : `time here${of}: about ${formatDuration(total)}`;
  return [`  ${head}: ${listed.join(', ')}`];
}

/** The stage; trainings that are only compared with are told apart. */
function nameOf({ run, stage }: StageWork): string {
  const row = run.split('/').at(-1);
  return stage === 'distil' && row !== 'distilled' ? `${stage} (${row})` : stage;
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}
