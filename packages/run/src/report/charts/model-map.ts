// What was kept, as a map of the model: a row per layer with its heads and its neurons, and the hidden channels below. The darker
// a cell, the more of its stretch was kept.
import type { FindingData } from '../../events/findings.js';
import { html, type Html } from '../html.js';
import { at } from '@espalier/core';

const WIDTH = 360;
const LABEL = 26;
const HEADS = 84;
const GAP = 8;
const TOP = 18;

/** The map; the last layer is on top, as data flows upwards. */
export function modelMap(title: string, map: FindingData<'plan'>['map']): Html {
  const row = map.layersBefore > 40 ? 7 : map.layersBefore > 16 ? 11 : 18;
  const neurons = { from: LABEL + HEADS + GAP, width: WIDTH - LABEL - HEADS - GAP };
  const bottom = TOP + map.layersBefore * row;
  const layers = Array.from({ length: map.layersBefore }, (_, layer) => {
    const y = TOP + (map.layersBefore - 1 - layer) * row;
    const place = map.layers.indexOf(layer);
    const label = html`<text class="small end" x="${LABEL - 6}" y="${(y + row * 0.72).toFixed(1)}">${layer}</text>`;
    if (place === -1) {
      return html`${label}<rect
          class="gone"
          x="${LABEL}"
          y="${y + 1}"
          width="${WIDTH - LABEL - 1}"
          height="${row - 2}"
        />
        ${row >= 11 ? html`<text class="small mid" x="${(LABEL + WIDTH) / 2}" y="${(y + row * 0.72).toFixed(1)}">dropped</text>` : undefined}`;
    }
    return html`${label}${cells(at(map.heads, place), LABEL, HEADS, y, row - 2)}
    ${cells(at(map.ffn, place), neurons.from, neurons.width, y, row - 2)}`;
  });
  return html`<svg viewBox="0 0 ${WIDTH} ${bottom + 42}" role="img" aria-label="${title}">
    <text class="small" x="${LABEL}" y="11">heads</text>
    <text class="small" x="${neurons.from}" y="11">feed-forward neurons</text>
    ${layers} ${cells(map.hidden, LABEL, WIDTH - LABEL, bottom + 8, 14)}
    <text class="small" x="${LABEL}" y="${bottom + 34}">hidden channels, the same in every layer</text>
  </svg>`;
}

/** One stretch after another; neighbours of the same share are one rectangle. */
function cells(shares: readonly number[], from: number, width: number, y: number, height: number): readonly Html[] {
  const step = width / Math.max(1, shares.length);
  const gap = step > 5 ? 1 : 0;
  const runs: { start: number; end: number; share: number }[] = [];
  shares.forEach((share, index) => {
    const last = runs.at(-1);
    if (gap === 0 && last?.share === share) last.end = index + 1;
    else runs.push({ start: index, end: index + 1, share });
  });
  return runs.map(
    ({ start, end, share }) =>
      html`<rect
        class="${share === 0 ? 'none' : 'kept'}"
        x="${(from + start * step).toFixed(1)}"
        y="${y + 1}"
        width="${((end - start) * step - gap).toFixed(1)}"
        height="${height}"
        ${share === 0 || share === 100 ? undefined : html` fill-opacity="${(0.15 + (0.85 * share) / 100).toFixed(2)}"`}
      />`,
  );
}
