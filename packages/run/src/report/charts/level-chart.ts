// Held-out loss per model: a hollow dot as pruned, a full one as trained, and a stroke at the teacher's loss.
import { html, type Html } from '../html.js';
import { extent, linear } from './scale.js';

export interface LevelRow {
  readonly label: string;
  /** Colour class. */
  readonly colour: string;
  /** Before training; absent for a model that began from random weights. */
  readonly before?: number;
  readonly after?: number;
}

const WIDTH = 360;
const ROW = 52;
const TOP = 22;
const [LEFT, RIGHT] = [10, 340];

/** One row for each model, from the lowest loss after training upwards. */
export function levelChart(
  title: string,
  rows: readonly LevelRow[],
  teacher: { readonly label: string; readonly loss: number },
): Html {
  const values = [
    teacher.loss,
    ...rows.flatMap(({ before, after }) => [before, after].filter((own) => own !== undefined)),
  ];
  const [low, high] = extent(values);
  const margin = 0.06 * (high - low || 1);
  const x = linear([low - margin, high + margin], [LEFT, RIGHT], 5);
  const bottom = TOP + rows.length * ROW;
  const place = (value: number): string => x(value).toFixed(1);
  // On the side with more room: the words are as long as half of the chart at most.
  const isRight = x(teacher.loss) > WIDTH / 2;
  const label = isRight ? Math.min(RIGHT, x(teacher.loss) + 4) : Math.max(LEFT, x(teacher.loss) - 4);
  return html`<svg viewBox="0 0 ${WIDTH} ${bottom + 34}" role="img" aria-label="${title}">
    ${x.ticks.map(
      (tick) =>
        html`<line class="grid" x1="${place(tick)}" x2="${place(tick)}" y1="${TOP}" y2="${bottom}" />
          <text class="tick mid" x="${place(tick)}" y="${bottom + 15}">${tick}</text>`,
    )}
    <text class="note teacher${isRight ? ' end' : ''}" x="${label.toFixed(1)}" y="${TOP - 9}">
      ${teacher.label} ${teacher.loss.toFixed(3)}
    </text>
    ${rows.map(({ label, colour, before, after }, index) => {
      const y = TOP + index * ROW + 26;
      const values = [before, after].filter((own) => own !== undefined);
      return html`<line
          class="line teacher"
          x1="${place(teacher.loss)}"
          x2="${place(teacher.loss)}"
          y1="${y - 7}"
          y2="${y + 7}"
        />
        <text class="name" x="${LEFT}" y="${y - 12}">${label}</text>
        ${before !== undefined && after !== undefined ? html`<line class="line ${colour}" x1="${place(before)}" x2="${place(after)}" y1="${y}" y2="${y}" />` : undefined}
        ${
          before !== undefined
            ? html`<circle class="hollow ${colour}" cx="${place(before)}" cy="${y}" r="4.5" />`
            : undefined
        }
        ${after !== undefined ? html`<circle class="dot ${colour}" cx="${place(after)}" cy="${y}" r="5" />` : undefined}
        ${valueTexts(values, x, y)}`;
    })}
    <text class="tick end" x="${RIGHT}" y="${bottom + 30}">nats per token, lower is better</text>
  </svg>`;
}

/** The numbers below their dots, kept apart and within the chart. */
function valueTexts(values: readonly number[], x: (value: number) => number, y: number): readonly Html[] {
  const [left, right] = [...values].sort((a, b) => a - b);
  const close = left !== undefined && right !== undefined && x(right) - x(left) < 40;
  return values.map((value) => {
    const anchor = close ? (value === left ? 'end' : 'start') : 'mid';
    const place = Math.min(RIGHT - 16, Math.max(LEFT + (anchor === 'end' ? 34 : 18), x(value)));
    return html`<text class="value ${anchor}" x="${place.toFixed(1)}" y="${y + 18}">${value.toFixed(3)}</text>`;
  });
}
