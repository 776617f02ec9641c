// Losses: held out, from the pruned level to the trained one against the teacher's; and while training, by objective.
import { rowLabel } from '../table.js';
import { levelChart, type LevelRow } from '../charts/level-chart.js';
import { lineChart, type Level } from '../charts/line-chart.js';
import { html, type Html } from '../html.js';
import { paletteOf } from '../palette.js';
import { methodOf } from '../row-names.js';
import { decidingMeasure, measureIn, type SummaryRow } from '../../engine/summary.js';
import type { LossCurve, ReportData } from '../report-data.js';

/** The objective whose values are comparable with held-out loss. */
const TEXT_LOSS = 'cross-entropy';

/** The charts of loss. */
export function losses({ rows, curves }: ReportData): Html | undefined {
  const [teacher] = rows;
  if (curves.length === 0 && rows.length < 2) return undefined;
  const colour = paletteOf(rows);
  const deciding = decidingMeasure(rows);
  const held = (row: SummaryRow | undefined): number | undefined => row && deciding && measureIn(row, deciding)?.value;
  const pruned = new Map(rows.filter(({ name }) => name.endsWith('/pruned')).map((row) => [methodOf(row.name), row]));
  const trained: readonly LevelRow[] = rows
    .filter(({ name, trainingTokens }) => trainingTokens > 0 && name !== teacher?.name)
    .flatMap((row) => {
      const { name } = row;
      const before = name.endsWith('/scratch') ? undefined : held(pruned.get(methodOf(name)));
      const after = held(row);
      if (after === undefined) return [];
      return [{ label: rowLabel(name), colour: colour(name), ...(before === undefined ? {} : { before }), after }];
    });
  const prunedLevels = [...pruned.values()].flatMap((row) => {
    const own = held(row);
    return own === undefined ? [] : [{ name: row.name, value: own }];
  });
  const only: readonly LevelRow[] = prunedLevels.map(({ name, value }) => ({
    label: rowLabel(name),
    colour: colour(name),
    before: value,
  }));
  const whole = held(teacher);
  const levelRows = trained.length > 0 ? trained : only;
  const objectives = [...new Set(curves.map(({ objective }) => objective))];
  return html`<section>
    <h2>Loss</h2>
    <div class="charts">
      ${
        whole === undefined || levelRows.length === 0
          ? undefined
          : html`<figure>
              ${levelChart(`Held-out ${deciding?.label ?? ''} of each model`, levelRows, { label: 'teacher', loss: whole })}
              <figcaption>
                Held-out ${deciding?.label ?? ''}: ○ as pruned, ● as trained; the stroke is the teacher.
              </figcaption>
            </figure>`
      }
      ${objectives.map((objective) => {
        const own = curves.filter((curve) => curve.objective === objective);
        const levels = objective === TEXT_LOSS && deciding?.label === 'loss' ? levelsOf(own) : [];
        return html`<figure>
          ${legend(own, levels, colour)}
          ${lineChart(
            `Training loss: ${objective}`,
            own.map(({ name, points }) => ({
              label: rowLabel(name),
              colour: colour(name),
              points: points.map(({ tokens, loss }) => ({ x: tokens, y: loss })),
            })),
            levels,
          )}
          <figcaption>
            Training loss,
            ${objective}${objective === TEXT_LOSS ? ' (dashed: held-out loss)' : objective.includes('kl') ? ' (0: the student says what the teacher says)' : ''};
            the band is the range of the steps.
          </figcaption>
        </figure>`;
      })}
    </div>
  </section>`;

  function levelsOf(own: readonly LossCurve[]): readonly Level[] {
    const methods = new Set(own.map(({ name }) => methodOf(name)));
    const shown = prunedLevels.filter(({ name }) => methods.has(methodOf(name)));
    const all = shown.map((level) => ({ label: rowLabel(level.name), colour: colour(level.name), y: level.value }));
    return whole === undefined ? all : [{ label: 'teacher', colour: 'teacher', y: whole }, ...all];
  }
}

function legend(curves: readonly LossCurve[], levels: readonly Level[], colour: (name: string) => string): Html {
  const last = ({ points }: LossCurve): string => points.at(-1)?.loss.toPrecision(3) ?? '';
  return html`<p class="legend">
    ${curves.map((curve) => html`<span><i class="swatch ${colour(curve.name)}"></i>${rowLabel(curve.name)} <small>${last(curve)}</small></span>`)}
    ${levels.map((level) => html`<span><i class="dash ${level.colour}"></i>${level.label} <small>${level.y.toPrecision(3)}</small></span>`)}
  </p>`;
}
