// Importance per axis and layer, with where each plan cuts, and how stable the ranking is.
import { at, keepBest, ownValue } from '@espalier/core';
import { formatInteger, formatPercent } from '../format.js';
import { indexChart, rankChart } from '../charts/importance.js';
import { html, type Html } from '../html.js';
import type { ReportData } from '../report-data.js';

type Axis = NonNullable<ReportData['scores']>['profile'][string];
type Plan = ReportData['plans'][number];

const titles: Readonly<Record<string, string>> = {
  layers: 'Layers',
  hidden: 'Hidden channels',
  ffn: 'Feed-forward neurons',
  heads: 'Attention heads',
  kvHeads: 'Key/value heads',
  attention: 'Attention blocks',
  feedForward: 'Feed-forward blocks',
};

/** One group of small charts for each scored axis. */
export function importance({ scores, stability, plans }: ReportData): Html | undefined {
  if (scores === undefined || Object.keys(scores.profile).length === 0) return undefined;
  const axes = Object.entries(scores.profile).sort(([a], [b]) => orderOf(a) - orderOf(b));
  return html`<section>
    <h2>Importance</h2>
    <p class="note">
      From ${formatInteger(scores.samples)} samples, ${formatInteger(scores.tokens)}
      tokens${stability?.verdict === undefined ? '' : `: ${stability.verdict}`}. Each chart is scaled to its own highest
      score. Layer numbers are 0-based.
    </p>
    <div class="axes">
      ${axes.map(([axis, profile]) => axisCharts(axis, profile, plans, ownValue(stability?.kept ?? {}, axis)))}
    </div>
  </section>`;
}

function orderOf(axis: string): number {
  const place = Object.keys(titles).indexOf(axis);
  return place === -1 ? 99 : place;
}

function axisCharts(axis: string, profile: Axis, plans: readonly Plan[], stable: number | undefined): Html {
  const lists = listsOf(profile);
  const cut = plans.find((plan) => cuts(axis, plan));
  const kept = cut === undefined ? profile.count : keptCount(axis, cut);
  const facts = [
    cut === undefined
      ? 'no plan cuts here'
      : `plan ${cut.name} keeps ${formatInteger(kept)} of ${formatInteger(profile.count)}${lists.length > 1 ? ' in each layer' : ''}`,
    ...(stable === undefined
      ? []
      : [`${formatPercent(stable)} of the kept stay kept when a fold of the sample is left out`]),
  ];
  return html`<div>
    <h3>${ownValue(titles, axis) ?? axis} <small>${facts.join('; ')}</small></h3>
    <div class="minis${lists.length === 1 ? ' wide' : ''}">
      ${lists.map((values, layer) => {
        const title = lists.length === 1 ? axis : `${axis} of layer ${layer}`;
        return html`<figure>
          ${profile.order === 'rank' ? rankChart(title, values, kept, profile.count, lists.length === 1) : indexChart(title, values, keeps(axis, cut, layer, values, kept), lists.length === 1)}
          ${lists.length === 1 ? undefined : html`<figcaption>layer ${layer}</figcaption>`}
        </figure>`;
      })}
    </div>
  </div>`;
}

function listsOf({ values }: Axis): readonly (readonly number[])[] {
  const lists = values.filter((own) => typeof own === 'object');
  return lists.length > 0 ? lists : [values.filter((own) => typeof own === 'number')];
}

function cuts(axis: string, { plan }: Plan): boolean {
  if (axis === 'layers') return plan.dropped.length > 0;
  return (ownValue(plan.map.sizesAfter, axis) ?? 0) < (ownValue(plan.map.sizesBefore, axis) ?? 0);
}

function keptCount(axis: string, { plan }: Plan): number {
  return axis === 'layers' ? plan.layers.length : (ownValue(plan.map.sizesAfter, axis) ?? 0);
}

/** Which indices a plan keeps: as the plan says where it tells them one by one, else those of the highest scores. */
function keeps(
  axis: string,
  cut: Plan | undefined,
  layer: number,
  values: readonly number[],
  kept: number,
): (index: number) => boolean {
  if (cut === undefined) return () => true;
  const { layers, map } = cut.plan;
  if (axis === 'layers') return (index) => layers.includes(index);
  const shares = axis === 'heads' ? map.heads[layers.indexOf(layer)] : axis === 'hidden' ? map.hidden : undefined;
  if (shares?.length === values.length) return (index) => at(shares, index) > 0;
  const best = new Set(keepBest(values, kept));
  return (index) => best.has(index);
}
