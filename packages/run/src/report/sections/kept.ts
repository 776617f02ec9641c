// What was kept: a map of the model for each plan.
import { formatInteger } from '../format.js';
import { modelMap } from '../charts/model-map.js';
import { html, type Html } from '../html.js';
import type { ReportData } from '../report-data.js';

const axes = { hidden: 'hidden', ffn: 'ffn', heads: 'heads', kvHeads: 'key/value heads' } as const;

/** The maps. */
export function kept({ plans }: ReportData): Html | undefined {
  if (plans.length === 0) return undefined;
  return html`<section>
    <h2>What was kept</h2>
    <div class="charts">
      ${plans.map(({ name, plan }) => {
        const { map } = plan;
        const changes = Object.entries(axes).flatMap(([axis, title]) => {
          const [before, after] = [map.sizesBefore[axis], map.sizesAfter[axis]];
          return before === undefined || after === undefined || before === after
            ? []
            : [`${title} ${formatInteger(before)} → ${formatInteger(after)}`];
        });
        const layers = plan.dropped.length === 0 ? [] : [`layers ${map.layersBefore} → ${plan.layers.length}`];
        return html`<figure>
          <figcaption><b>${name}</b> ${[...layers, ...changes].join(', ')}</figcaption>
          ${modelMap(`What plan ${name} keeps`, map)}
        </figure>`;
      })}
    </div>
    <p class="note">Input below, output above. Filled: kept; empty: removed; paler: part of the stretch is kept.</p>
  </section>`;
}
