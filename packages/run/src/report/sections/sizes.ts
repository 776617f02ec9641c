// Size against loss: the candidates of the search, or the measured models where there was no search.
import { rowLabel } from '../table.js';
import { scatter, type Point } from '../charts/scatter.js';
import { html, type Html } from '../html.js';
import { paletteOf } from '../palette.js';
import type { ReportData } from '../report-data.js';

/** The Pareto plot; left out where there are fewer than two points. */
export function sizes({ candidates, rows }: ReportData): Html | undefined {
  const searched = candidates.flatMap(({ name, parameters, loss, chosen }) =>
    loss === undefined
      ? []
      : [{ label: name, colour: chosen === true ? 's1' : 's0', x: parameters, y: loss, chosen: chosen === true }],
  );
  const colour = paletteOf(rows);
  const measured = rows.map(({ name, parameters, loss, trainingTokens }) => ({
    label: rowLabel(name),
    colour: colour(name),
    x: parameters,
    y: loss,
    hollow: trainingTokens === 0 && name !== rows[0]?.name,
  }));
  const [points, title] =
    searched.length >= 2 ? [searched, 'Candidates of the search'] : [measured, 'Models that were measured'];
  if (points.length < 2) return undefined;
  return html`<section>
    <h2>Size and loss</h2>
    <div class="charts">
      <figure>
        ${scatter(
          title,
          points.map((point) => ({ ...point, front: onFront(point, points) })),
          'parameters',
          'loss',
        )}
        <figcaption>
          ${title}: left and down is better. The line joins the Pareto front: what no other beats in
          both.${searched.length >= 2 ? ' Loss is held out, after the short training of the search.' : ' ○ not retrained.'}
        </figcaption>
      </figure>
    </div>
  </section>`;
}

/** Whether no other point is at least as good in both and better in one. */
export function onFront(point: Pick<Point, 'x' | 'y'>, all: readonly Pick<Point, 'x' | 'y'>[]): boolean {
  return !all.some((other) => other.x <= point.x && other.y <= point.y && (other.x < point.x || other.y < point.y));
}
