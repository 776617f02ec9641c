// One frame of the live view as lines of text: a row per step, and under the one at work a bar and its numbers. Pure: state,
// size and clock go in. Every line fits the width; there are never more lines than fit the height.
import { formatBytes, formatCount, formatDuration } from '@espalier/run';
import { paint, type Colour } from './paint.js';
import { rate, secondsLeft, workingStage, type RunState, type StageState, type StepState } from './run-state.js';
import { sparkline } from './sparkline.js';
import { fit, textWidth, truncate } from './text-width.js';

export interface FrameSize {
  readonly columns: number;
  readonly rows: number;
}

/** A piece of a line with its colour. */
type Piece = readonly [Colour, string];

/** The lines of a frame, coloured. `upcoming` are names of steps that have not begun; `now` is the wall clock in milliseconds. */
export function renderFrame(
  state: RunState,
  size: FrameSize,
  now: number,
  upcoming: readonly string[] = [],
): readonly string[] {
  const width = Math.max(1, size.columns - 1); // the last column stays free: writing it makes some terminals wrap
  const waiting = upcoming.filter((name) => !state.steps.some((step) => step.name === name));
  const names = [...state.steps.map(({ name }) => name), ...waiting];
  const nameWidth = Math.min(Math.max(0, ...names.map(textWidth)), Math.floor(0.45 * width));
  const working = workingStage(state);
  const active = state.steps.findIndex(({ name }) => working !== undefined && name === state.current);

  const rows = state.steps.map((step, index) =>
    fitPieces(stepRow(step, index === active ? working : undefined, nameWidth, width, now), width),
  );
  const pending = waiting.map((name) => fitPieces([['dim', `○ ${name}`]], width));
  const details = working === undefined ? [] : stageDetails(working, state, width, now);
  return cutToHeight(rows, active, details, pending, Math.max(1, size.rows - 1), width);
}

function stepRow(
  step: StepState,
  working: StageState | undefined,
  nameWidth: number,
  width: number,
  now: number,
): readonly Piece[] {
  const mark: Piece = working === undefined ? ['green', '✓ '] : ['cyan', '● '];
  const seconds = step.stages.reduce((sum, stage) => sum + stageSeconds(stage, now), 0);
  const time = formatDuration(seconds);
  const name = fit(step.name, nameWidth);
  const room = width - 2 - textWidth(name) - 2 - time.length - 1;
  const stages = fitStages(step.stages, room);
  const used = stages.reduce((sum, [, text]) => sum + textWidth(text), 0);
  return [
    mark,
    [working === undefined ? 'plain' : 'bold', name],
    ['plain', '  '],
    ...stages,
    ['plain', ' '.repeat(Math.max(1, room - used + 1))],
    ['dim', time],
  ];
}

function stageSeconds({ began, ended, startedAt }: StageState, now: number): number {
  return (ended === undefined ? now - startedAt : ended - began) / 1000;
}

/** The stages in order; where they do not fit, the last of them. */
function fitStages(stages: readonly StageState[], room: number): readonly Piece[] {
  const pieces = stages.map(({ name, ended }): Piece => (ended === undefined ? ['bold', name] : ['dim', name]));
  const joined = pieces.flatMap((piece, index): readonly Piece[] => (index === 0 ? [piece] : [['dim', ' · '], piece]));
  if (joined.reduce((sum, [, text]) => sum + textWidth(text), 0) <= room) return joined;
  const last = pieces.at(-1);
  return last === undefined ? [] : [[last[0], truncate(last[1], Math.max(0, room))]];
}

const DETAIL_INDENT = '  ';
const WIDEST_BAR = 40;

function stageDetails(stage: StageState, state: RunState, width: number, now: number): readonly string[] {
  const inner = width - DETAIL_INDENT.length;
  const lines: (readonly Piece[])[] = [];
  if (stage.work !== undefined) lines.push(barLine(stage, inner));
  const perSecond = rate(stage);
  const facts: string[] = stage.work?.part === undefined ? [] : [stage.work.part];
  // Less than one a second rounds to none: the time left says it.
  if (stage.work !== undefined && perSecond !== undefined && perSecond >= 1)
    facts.push(`${formatCount(perSecond)} ${stage.work.unit}/s`);
  if (state.memory !== undefined) facts.push(formatBytes(state.memory));
  if (state.startedAt !== undefined) facts.push(`${formatDuration((now - state.startedAt) / 1000)} in all`);
  const { last } = stage.loss;
  const loss = last === undefined ? '' : `loss ${last.toPrecision(4)}`;
  const beside = facts.join('   ');
  const room = inner - textWidth(loss) - 1 - 3 - textWidth(beside);
  const line =
    loss === '' ? '' : sparkline(stage.loss.means, Math.min(WIDEST_BAR, room >= 8 ? room : inner - loss.length - 1));
  if (loss !== '') {
    const own: readonly Piece[] = [
      ['bold', loss],
      ['plain', ' '],
      ['cyan', line],
    ];
    if (room >= 8) return [...lines, [...own, ['dim', `   ${beside}`] as const]].map(indented);
    lines.push(own);
  }
  if (beside !== '') lines.push([['dim', beside]]);
  return lines.map(indented);

  function indented(pieces: readonly Piece[]): string {
    return fitPieces([['plain', DETAIL_INDENT], ...pieces], width);
  }
}

function barLine(stage: StageState, inner: number): readonly Piece[] {
  const { done, total, unit } = stage.work ?? { done: 0, total: 0, unit: '' };
  const share = total > 0 ? Math.min(1, Math.max(0, done / total)) : 0;
  const left = secondsLeft(stage);
  const percent = `${Math.floor(100 * share)}%`.padStart(4);
  const counts = `${formatCount(done)}/${formatCount(total)} ${unit}`;
  const eta = left === undefined ? '' : `${formatDuration(left)} left`;
  // What is said beside the bar shrinks with the room: counts go first, then the time left.
  const candidates = [[percent, counts, eta], [percent, eta], [percent]].map((parts) =>
    parts.filter((part) => part !== '').join('  '),
  );
  const beside = candidates.find((text) => inner - textWidth(text) - 2 >= 10) ?? percent;
  const cells = Math.max(1, Math.min(WIDEST_BAR, inner - textWidth(beside) - 2));
  const full = Math.floor(share * cells);
  return [
    ['cyan', '━'.repeat(full)],
    ['dim', '╌'.repeat(cells - full)],
    ['plain', ` ${beside}`],
  ];
}

/** Joins the pieces, cut to the width, coloured afterwards. */
function fitPieces(pieces: readonly Piece[], width: number): string {
  let [line, left] = ['', width];
  for (const [colour, text] of pieces) {
    const cut = truncate(text, left);
    line += paint(colour, cut);
    left -= textWidth(cut);
    if (left <= 0) break;
  }
  return line;
}

/** What is at work stays in sight; finished steps before it go first, then those still to come. */
function cutToHeight(
  rows: readonly string[],
  active: number,
  details: readonly string[],
  pending: readonly string[],
  height: number,
  width: number,
): readonly string[] {
  const lines = (done: readonly string[], next: readonly string[]): readonly string[] => {
    const at = active === -1 ? done.length : done.length - (rows.length - 1 - active);
    return [...done.slice(0, at), ...details, ...done.slice(at), ...next];
  };
  const all = lines(rows, pending);
  if (all.length <= height) return all;
  const note = (count: number, what: string): string => paint('dim', truncate(`  … ${count} ${what}`, width));
  const roomForNext = Math.max(0, height - details.length - Math.min(rows.length, 3) - 1);
  const next =
    pending.length <= roomForNext
      ? pending
      : roomForNext === 0
        ? []
        : [...pending.slice(0, roomForNext - 1), note(pending.length - roomForNext + 1, 'to come')];
  const roomForDone = height - details.length - next.length - 1;
  if (roomForDone < 1)
    return [...rows.slice(active === -1 ? -1 : active, active === -1 ? undefined : active + 1), ...details].slice(
      0,
      height,
    );
  const kept = rows.slice(-roomForDone);
  return [note(rows.length - kept.length, 'done'), ...lines(kept, next)].slice(0, height);
}
