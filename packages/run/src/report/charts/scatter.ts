// Size against loss: every candidate a dot, those on the front joined.
import { html, type Html } from '../html.js';
import { axes } from './axes.js';
import { extent, linear } from './scale.js';

export interface Point {
  readonly label: string;
  readonly colour: string;
  readonly x: number;
  readonly y: number;
  /** On the Pareto front. */
  readonly front: boolean;
  /** Drawn as a circle instead of a dot. */
  readonly hollow?: boolean;
  readonly chosen?: boolean;
}

const [WIDTH, HEIGHT] = [360, 240];
const box = { left: 44, right: 348, top: 26, bottom: 206 };
const LABELLED = 8;

/** Lower and further left is better. Labels are left out of all but the front where there are many points. */
export function scatter(title: string, points: readonly Point[], xTitle: string, yTitle: string): Html {
  const x = linear(padded(points.map((point) => point.x)), [box.left, box.right]);
  const y = linear(padded(points.map((point) => point.y)), [box.bottom, box.top]);
  const front = points.filter((point) => point.front).sort((a, b) => a.x - b.x);
  const at = (point: Point): string => `${x(point.x).toFixed(1)},${y(point.y).toFixed(1)}`;
  const labelled = points.filter((point) => points.length <= LABELLED || point.front || point.chosen === true);
  return html`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}">
    ${axes(x, y, box)}
    <text class="tick end" x="${box.right}" y="${HEIGHT - 2}">${xTitle}</text>
    <text class="tick" x="4" y="11">${yTitle}</text>
    <polyline class="level" points="${front.map(at).join(' ')}" />
    ${points.map((point) => html`<circle class="${point.hollow === true ? 'hollow' : 'dot'} ${point.colour}" cx="${x(point.x).toFixed(1)}" cy="${y(point.y).toFixed(1)}" r="${point.chosen === true ? 6.5 : 4.5}"><title>${point.label}</title></circle>`)}
    ${placeLabels(labelled.map((point) => ({ text: point.label, x: x(point.x), y: y(point.y) })))}
  </svg>`;
}

function padded(values: readonly number[]): readonly [number, number] {
  const [low, high] = extent(values);
  const margin = 0.08 * (high - low || Math.abs(high) || 1);
  return [low - margin, high + margin];
}

/** Labels beside their points, moved up where they would cover one another. */
function placeLabels(
  labels: readonly { readonly text: string; readonly x: number; readonly y: number }[],
): readonly Html[] {
  const placed: { x: number; y: number }[] = [];
  return [...labels]
    .sort((a, b) => b.y - a.y)
    .map(({ text, x, y }) => {
      const left = x > (box.left + box.right) / 2;
      let own = y - 8;
      while (placed.some((other) => Math.abs(other.y - own) < 12 && Math.abs(other.x - x) < 150)) own -= 12;
      placed.push({ x, y: own });
      return html`<text
        class="small ${left ? 'end' : 'start'}"
        x="${(x + (left ? 4 : -4)).toFixed(1)}"
        y="${own.toFixed(1)}"
        >${text}</text
      >`;
    });
}
