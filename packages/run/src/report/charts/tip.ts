// Values that show on hover and on focus, by style alone: nothing runs.
import { html, type Html } from '../html.js';

/** A mark with its value beside it, which is there while the mark is pointed at or focused; readers of the screen hear it always. */
export function withTip(
  mark: Html,
  text: string,
  { x, y, left }: { readonly x: number; readonly y: number; readonly left: boolean },
): Html {
  return html`<g class="point" tabindex="0" role="img" aria-label="${text}">
    ${mark}<text class="tip ${left ? 'end' : 'start'}" x="${(x + (left ? -9 : 9)).toFixed(1)}" y="${(y - 7).toFixed(1)}"
      >${text}</text
    >
  </g>`;
}
