// Size against loss: every candidate a dot, those on the front joined. Dots have numbers; what they are called is in the list beside.
import { html, type Html } from '../html.js';
import { formatCount } from '../format.js';
import { axes } from './axes.js';
import { extent, linear } from './scale.js';
import { withTip } from './tip.js';

export interface Point {
  /** Shown in the chart, short. */
  readonly number: number;
  readonly label: string;
  readonly colour: string;
  readonly x: number;
  readonly y: number;
  /** As tables write it. */
  readonly yText: string;
  /** On the Pareto front. */
  readonly front: boolean;
  /** Drawn as a circle instead of a dot. */
  readonly hollow?: boolean;
  readonly chosen?: boolean;
}

const [WIDTH, HEIGHT] = [460, 270];
const box = { left: 46, right: 440, top: 26, bottom: 232 };
/** Dots of more points than this have no number. */
const NUMBERED = 24;

/** Lower and further left is better. */
export function scatter(title: string, points: readonly Point[], xTitle: string, yTitle: string): Html {
  const x = linear(padded(points.map((point) => point.x)), [box.left, box.right]);
  const y = linear(padded(points.map((point) => point.y)), [box.bottom, box.top]);
  const front = points.filter((point) => point.front).sort((a, b) => a.x - b.x);
  const at = (point: Point): string => `${x(point.x).toFixed(1)},${y(point.y).toFixed(1)}`;
  const numbered = points.length <= NUMBERED ? points : points.filter((point) => point.front || point.chosen === true);
  return html`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}">
    ${axes(x, y, box)}
    <text class="tick end" x="${box.right}" y="${HEIGHT - 4}">${xTitle}</text>
    <text class="tick" x="4" y="11">${yTitle}</text>
    <polyline class="level" points="${front.map(at).join(' ')}" />
    ${placed(numbered.map((point) => ({ text: String(point.number), x: x(point.x), y: y(point.y) })))}
    ${points.map((point) => {
      const [cx, cy] = [x(point.x), y(point.y)];
      const mark = html`<circle
        class="${point.hollow === true ? 'hollow' : 'dot'} ${point.colour}"
        cx="${cx.toFixed(1)}"
        cy="${cy.toFixed(1)}"
        r="${point.chosen === true ? 6.5 : 4.5}"
      />`;
      const text = `${point.label}: ${formatCount(point.x)}, ${point.yText}`;
      return withTip(mark, text, { x: cx, y: cy, left: cx > (box.left + box.right) / 2 });
    })}
  </svg>`;
}

function padded(values: readonly number[]): readonly [number, number] {
  const [low, high] = extent(values);
  const margin = 0.08 * (high - low || Math.abs(high) || 1);
  return [low - margin, high + margin];
}

/** Places around a dot, the best first, in units of the drawing. */
const around = [
  [8, 4],
  [-8, 4],
  [0, -9],
  [0, 16],
  [14, 4],
  [-14, 4],
] as const;

/** Numbers beside their dots, where they cover neither a dot nor one another. */
function placed(labels: readonly { readonly text: string; readonly x: number; readonly y: number }[]): readonly Html[] {
  const taken = labels.map(({ x, y }) => ({ x, y: y + 4 }));
  return labels.map(({ text, x, y }) => {
    const free = around
      .map(([dx, dy]) => ({ x: x + dx, y: y + dy }))
      .find((own) => !taken.some((other) => Math.abs(other.x - own.x) < 7 && Math.abs(other.y - own.y) < 9));
    if (free === undefined) return html``;
    taken.push(free);
    return html`<text class="small mid" x="${free.x.toFixed(1)}" y="${free.y.toFixed(1)}">${text}</text>`;
  });
}
