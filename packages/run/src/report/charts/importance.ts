// Importance of one list of things: by rank with the line of the cut, or by index with what was dropped set apart.
import { extent } from './scale.js';
import { html, type Html } from '../html.js';

/** Units of a small chart, and of one that has a line to itself. */
const SMALL = 120;
const WIDE = 440;
const HEIGHT = 56;
const FLOOR = 54;
/** Below the floor, for numbers. */
const FOOT = 11;

/** Scores from the highest to the lowest as an area; `kept` of `count` lie left of the cut. */
export function rankChart(title: string, values: readonly number[], kept: number, count: number, wide: boolean): Html {
  const width = wide ? WIDE : SMALL;
  const cut = (kept / count) * width;
  const points = values.map((value, index): readonly [number, number] => [
    (index / Math.max(1, values.length - 1)) * width,
    heightOf(value, values),
  ]);
  const area = [`0,${FLOOR}`, ...points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`), `${width},${FLOOR}`].join(
    ' ',
  );
  // The same area twice, each clipped by a nested view to its side of the cut.
  const side = (from: number, to: number, name: string): Html | undefined =>
    to - from < 0.5
      ? undefined
      : html`<svg
          x="${from.toFixed(1)}"
          y="0"
          width="${(to - from).toFixed(1)}"
          height="${HEIGHT}"
          viewBox="${from.toFixed(1)} 0 ${(to - from).toFixed(1)} ${HEIGHT}"
          preserveAspectRatio="none"
        >
          <polygon class="${name}" points="${area}" />
        </svg>`;
  const highest = values[0] === undefined ? '' : `, the highest score ${values[0].toPrecision(3)}`;
  return html`<svg viewBox="0 0 ${width} ${HEIGHT + FOOT}" role="img" aria-label="${title}">
    <title>${title}: ${kept} of ${count} kept${highest}</title>
    ${side(0, cut, 'kept')}${side(cut, width, 'cut')}
    <line class="axis" x1="0" x2="${width}" y1="${FLOOR}" y2="${FLOOR}" />
    ${kept < count ? html`<line class="cutline" x1="${cut.toFixed(1)}" x2="${cut.toFixed(1)}" y1="2" y2="${FLOOR}" />` : undefined}
    <text class="small" x="0" y="${HEIGHT + 8}">1</text>
    ${kept < count && cut > 14 && width - cut > 24 ? html`<text class="small mid" x="${cut.toFixed(1)}" y="${HEIGHT + 8}">${kept}</text>` : undefined}
    <text class="small end" x="${width}" y="${HEIGHT + 8}">${count}</text>
  </svg>`;
}

/** A bar per index; those not kept are set apart. Ordinals are 0-based. */
export function indexChart(
  title: string,
  values: readonly number[],
  keeps: (index: number) => boolean,
  wide: boolean,
): Html {
  const width = wide ? WIDE : SMALL;
  const step = width / values.length;
  const bar = Math.max(1, step * 0.78);
  return html`<svg viewBox="0 0 ${width} ${HEIGHT + FOOT}" role="img" aria-label="${title}">
    ${values.map((value, index) => {
      const y = Math.min(FLOOR - 1, heightOf(value, values));
      const x = index * step + (step - bar) / 2;
      const number = values.length <= (wide ? 24 : 12) || index % (wide ? 4 : 8) === 0;
      return html`<rect
          class="${keeps(index) ? 'kept' : 'cut'}"
          x="${x.toFixed(1)}"
          y="${y.toFixed(1)}"
          width="${bar.toFixed(1)}"
          height="${(FLOOR - y).toFixed(1)}"
          ><title>${index}: ${value.toPrecision(3)}, ${keeps(index) ? 'kept' : 'removed'}</title></rect
        >
        ${number ? html`<text class="small mid" x="${(x + bar / 2).toFixed(1)}" y="${HEIGHT + 7}">${index}</text>` : undefined}`;
    })}
    <line class="axis" x1="0" x2="${width}" y1="${FLOOR}" y2="${FLOOR}" />
  </svg>`;
}

/** Scores may be negative (a layer without which the model is better): the lowest stands on the floor then. */
function heightOf(value: number, values: readonly number[]): number {
  const [low, high] = extent(values, [0]);
  return high > low ? FLOOR - ((value - low) / (high - low)) * (FLOOR - 3) : FLOOR;
}
