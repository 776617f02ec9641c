// Size against loss: the candidates of the search, or the measured models where there was no search.
import { rowLabel } from '../table.js';
import { scatter, type Point } from '../charts/scatter.js';
import { html, type Html } from '../html.js';
import { paletteOf } from '../palette.js';
import { decidingMeasure, measureIn } from '../../engine/summary.js';
import type { ReportData } from '../report-data.js';

/** The Pareto plot; left out where there are fewer than two points. */
export function sizes({ candidates, rows }: ReportData): Html | undefined {
  const searched = candidates.flatMap(({ name, parameters, loss, chosen }) =>
    loss === undefined
      ? []
      : [{ label: name, colour: chosen === true ? 's1' : 's0', x: parameters, y: loss, chosen: chosen === true }],
  );
  const colour = paletteOf(rows);
  const deciding = decidingMeasure(rows);
  const sign = deciding?.better === 'higher' ? -1 : 1;
  const measured = rows.flatMap((row) => {
    const own = deciding && measureIn(row, deciding);
    if (own === undefined) return [];
    const hollow = row.trainingTokens === 0 && row.name !== rows[0]?.name;
    return [{ label: rowLabel(row.name), colour: colour(row.name), x: row.parameters, y: own.value, hollow }];
  });
  const best = searched.length >= 2 ? 1 : sign;
  const [points, title] =
    searched.length >= 2 ? [searched, 'Candidates of the search'] : [measured, 'Models that were measured'];
  if (points.length < 2) return undefined;
  return html`<section>
    <h2>Size and loss</h2>
    <div class="charts">
      <figure>
        ${scatter(
          title,
          points.map((point) => ({ ...point, front: onFront(point, points, best) })),
          'parameters',
          searched.length >= 2 ? 'loss' : (deciding?.label ?? 'loss'),
        )}
        <figcaption>
          ${title}: left and ${best === 1 ? 'down' : 'up'} is better. The line joins the Pareto front: what no other
          beats in
          both.${searched.length >= 2 ? ' Loss is held out, after the short training of the search.' : ' ○ not retrained.'}
        </figcaption>
      </figure>
    </div>
  </section>`;
}

/** Whether no other point is at least as good in both and better in one; `sign` is −1 where more of y is better. */
export function onFront(
  point: Pick<Point, 'x' | 'y'>,
  all: readonly Pick<Point, 'x' | 'y'>[],
  sign: 1 | -1 = 1,
): boolean {
  const [x, y] = [point.x, sign * point.y];
  return !all.some((other) => other.x <= x && sign * other.y <= y && (other.x < x || sign * other.y < y));
}
