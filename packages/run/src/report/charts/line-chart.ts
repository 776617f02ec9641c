// Lines over tokens: the mean of each stretch of steps, with a band from its least to its greatest value.
import { html, type Html } from '../html.js';
import { formatCount } from '../format.js';
import { axes } from './axes.js';
import { extent, linear, logarithmic } from './scale.js';

export interface Line {
  readonly label: string;
  /** Colour class. */
  readonly colour: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

/** A level across the whole width. */
export interface Level {
  readonly label: string;
  readonly colour: string;
  readonly y: number;
}

const [WIDTH, HEIGHT] = [360, 220];
const box = { left: 44, right: 344, top: 18, bottom: 192 };
const STRETCHES = 120;
const dashes = ['', '7 3', '2 3', '9 3 2 3', '4 4'];

/** The chart; the ordinate is logarithmic where values span more than a factor of five. */
export function lineChart(title: string, lines: readonly Line[], levels: readonly Level[] = []): Html {
  const shown = lines.map((line) => ({ ...line, stretches: stretchesOf(line.points) }));
  const means = [...shown.flatMap(({ stretches }) => stretches.map(({ mean }) => mean)), ...levels.map(({ y }) => y)];
  const [low, high] = extent(means);
  const log = low > 0 && high / low > 5;
  const y = log
    ? logarithmic([low, high], [box.bottom - 4, box.top])
    : linear([low - 0.05 * (high - low), high + 0.05 * (high - low)], [box.bottom, box.top]);
  const x = linear(
    [0, Math.max(1, extent(shown.flatMap(({ points }) => points.map((point) => point.x)))[1])],
    [box.left, box.right],
  );
  const clamp = (value: number): number =>
    Math.min(box.bottom, Math.max(box.top, y(Math.max(value, log ? low / 2 : value))));
  const path = (points: readonly (readonly [number, number])[]): string =>
    points.map(([a, b]) => `${a.toFixed(1)},${b.toFixed(1)}`).join(' ');
  return html`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}">
    ${axes(x, y, box)}
    <text class="tick end" x="${box.right}" y="${HEIGHT - 2}">tokens</text>
    <text class="tick" x="2" y="9">loss</text>
    ${levels.map(
      (level) =>
        html`<line
          class="level ${level.colour}"
          x1="${box.left}"
          x2="${box.right}"
          y1="${clamp(level.y).toFixed(1)}"
          y2="${clamp(level.y).toFixed(1)}"
          ><title>${level.label}: ${level.y.toPrecision(4)}</title></line
        >`,
    )}
    ${shown.map(({ colour, stretches }, index) => {
      const top = stretches.map((own): [number, number] => [x(own.x), clamp(own.most)]);
      const bottom = stretches.map((own): [number, number] => [x(own.x), clamp(own.least)]).reverse();
      return html`<polygon class="band ${colour}" points="${path([...top, ...bottom])}" />
        <polyline
          class="line ${colour}"
          stroke-dasharray="${dashes[index % dashes.length]}"
          points="${path(stretches.map((own) => [x(own.x), clamp(own.mean)]))}"
        />`;
    })}
    ${readings(shown, x)}
  </svg>`;
}

/** Places along the abscissa where the lines can be read. */
const READINGS = 24;

/** Bands that show, while they are pointed at, where they are and what each line has there. */
function readings(
  lines: readonly { readonly label: string; readonly stretches: readonly Stretch[] }[],
  x: (value: number) => number,
): readonly Html[] {
  const width = (box.right - box.left) / READINGS;
  return Array.from({ length: READINGS }, (_, index) => {
    const from = box.left + index * width;
    const found = lines.flatMap(({ label, stretches }) => {
      const own = stretches.find((stretch) => x(stretch.x) >= from && x(stretch.x) < from + width + 0.01);
      return own === undefined ? [] : [{ label, own }];
    });
    const [first] = found;
    if (first === undefined) return html``;
    const values = found.map(({ label, own }) => `${label} ${own.mean.toPrecision(3)}`);
    return html`<g class="point">
      <rect
        class="reading"
        x="${from.toFixed(1)}"
        y="${box.top}"
        width="${width.toFixed(1)}"
        height="${box.bottom - box.top}"
      />
      <line
        class="tip axis"
        x1="${x(first.own.x).toFixed(1)}"
        x2="${x(first.own.x).toFixed(1)}"
        y1="${box.top}"
        y2="${box.bottom}"
      />
      ${[`${formatCount(first.own.x)} tokens`, ...values].map((text, row) => html`<text class="tip start" x="${box.left + 12}" y="${box.top + 12 + 13 * row}">${text}</text>`)}
    </g>`;
  });
}

interface Stretch {
  readonly x: number;
  readonly mean: number;
  readonly least: number;
  readonly most: number;
}

function stretchesOf(points: Line['points']): readonly Stretch[] {
  const count = Math.min(STRETCHES, points.length);
  return Array.from({ length: count }, (_, index) => {
    const own = points.slice(
      Math.floor((index * points.length) / count),
      Math.floor(((index + 1) * points.length) / count),
    );
    const values = own.map(({ y }) => y);
    return {
      x: own.reduce((sum, point) => sum + point.x, 0) / own.length,
      mean: values.reduce((sum, value) => sum + value, 0) / own.length,
      least: Math.min(...values),
      most: Math.max(...values),
    };
  });
}
