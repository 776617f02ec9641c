// Text of the models side by side, each going on from the same prompt.
import { rowLabel } from '../table.js';
import { html, type Html } from '../html.js';
import { paletteOf } from '../palette.js';
import type { ReportData } from '../report-data.js';

/** The samples. */
export function samples({ samples: all, rows }: ReportData): Html | undefined {
  if (all.length === 0) return undefined;
  const colour = paletteOf(rows);
  return html`<section>
    <h2>Samples</h2>
    ${all.map(
      ({ prompt, texts }) =>
        html`<div class="sample">
          ${texts.map(
            ({ model, text }) =>
              html`<div>
                <h3><i class="swatch ${colour(model)}"></i>${rowLabel(model)}</h3>
                <p><b>${prompt}</b>${text}</p>
              </div>`,
          )}
        </div>`,
    )}
    <p class="note">The prompt is bold. Every model takes the likeliest token each time.</p>
  </section>`;
}
