// Size against loss: the candidates of the search, or the measured models where there was no search.
import { formatCount } from '../format.js';
import { measureText, rowLabel } from '../table.js';
import { scatter, type Point } from '../charts/scatter.js';
import { html, type Html } from '../html.js';
import { paletteOf } from '../palette.js';
import { decidingMeasure, measureIn } from '../../engine/summary.js';
import type { ReportData } from '../report-data.js';

/** The Pareto plot and the list of its points; left out where there are fewer than two. */
export function sizes({ candidates, rows }: ReportData): Html | undefined {
  const searched = candidates.flatMap(({ name, parameters, loss, chosen }) =>
    loss === undefined
      ? []
      : [
          {
            ...{ label: name, colour: chosen === true ? 's1' : 's0', x: parameters, y: loss },
            ...{ yText: loss.toPrecision(4), chosen: chosen === true },
          },
        ],
  );
  const colour = paletteOf(rows);
  const deciding = decidingMeasure(rows);
  const sign = deciding?.better === 'higher' ? -1 : 1;
  const measured = rows.flatMap((row) => {
    const own = deciding && measureIn(row, deciding);
    if (own === undefined) return [];
    const hollow = row.trainingTokens === 0 && row.name !== rows[0]?.name;
    const shown = { label: rowLabel(row.name), colour: colour(row.name), hollow };
    return [{ ...shown, x: row.parameters, y: own.value, yText: measureText(own) }];
  });
  const best = searched.length >= 2 ? 1 : sign;
  const [found, title] =
    searched.length >= 2 ? [searched, 'Candidates of the search'] : [measured, 'Models that were measured'];
  if (found.length < 2) return undefined;
  const points: readonly Point[] = found.map((point, index) => ({
    ...point,
    number: index + 1,
    front: onFront(point, found, best),
  }));
  const measure = searched.length >= 2 || deciding === undefined ? 'loss' : deciding.label;
  return html`<section>
    <h2>Size and loss</h2>
    <div class="beside">
      <figure>
        ${scatter(title, points, 'parameters', measure)}
        <figcaption>
          ${title}: left and ${best === 1 ? 'down' : 'up'} is better. The line joins the Pareto front: what no other
          beats in
          both.${searched.length >= 2 ? ' Loss is held out, after the short training of the search.' : ' ○ not retrained.'}
        </figcaption>
      </figure>
      <table class="list">
        <thead>
          <tr>
            <th></th>
            <th>${searched.length >= 2 ? 'candidate' : 'model'}</th>
            <th class="n">parameters</th>
            <th class="n">${measure}</th>
          </tr>
        </thead>
        <tbody>
          ${points.map(
            (point) =>
              html`<tr>
                <td class="n">${point.number}</td>
                <th><i class="swatch ${point.colour}${point.hollow === true ? ' open' : ''}"></i>${point.label}</th>
                <td class="n">${formatCount(point.x)}</td>
                <td class="n">
                  ${point.yText}${point.chosen === true ? ' chosen' : point.front ? html` <small>front</small>` : ''}
                </td>
              </tr>`,
          )}
        </tbody>
      </table>
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
