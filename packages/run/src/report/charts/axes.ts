// What every chart of two scales has: a line and a number at each tick of the ordinate, counts below the abscissa.
import { formatCount } from '../format.js';
import { html, type Html } from '../html.js';
import type { Scale } from './scale.js';

/** Edges of what is plotted, in the units of the drawing. */
export interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Grid lines and ticks of both scales. */
export function axes(x: Scale, y: Scale, box: Box): Html {
  return html`${y.ticks.map(
    (tick) =>
      html`<line
          class="grid"
          x1="${box.left}"
          x2="${box.right}"
          y1="${y(tick).toFixed(1)}"
          y2="${y(tick).toFixed(1)}"
        />
        <text class="tick end" x="${box.left - 6}" y="${(y(tick) + 4).toFixed(1)}">${tick}</text>`,
  )}
  ${x.ticks.map((tick) => html`<text class="tick mid" x="${x(tick).toFixed(1)}" y="${box.bottom + 16}">${formatCount(tick)}</text>`)}`;
}
