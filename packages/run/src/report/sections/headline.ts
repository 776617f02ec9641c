// The result in a sentence, in four numbers, and as the table of all models with intervals and chance level.
import { formatCount, formatInteger, formatPercent } from '../format.js';
import { rowLabel } from '../table.js';
import type { SummaryRow } from '../../engine/summary.js';
import { html, type Html } from '../html.js';
import { paletteOf } from '../palette.js';
import type { ReportData } from '../report-data.js';
import { atChance, bestStudent, leaders, verdict } from '../verdict.js';

/** Sentences and tiles. */
export function headline({ rows }: ReportData): Html | undefined {
  const [teacher] = rows;
  const student = bestStudent(rows);
  if (teacher === undefined || student === undefined) return undefined;
  const tiles = [
    { value: formatPercent(student.parameters / teacher.parameters), name: 'of the parameters' },
    { value: `×${(student.tokensPerSecond / teacher.tokensPerSecond).toFixed(2)}`, name: "of the teacher's speed" },
    { value: signed(student.loss - teacher.loss), name: 'held-out loss, nats per token' },
    { value: formatCount(student.trainingTokens), name: 'training tokens' },
  ];
  return html`<p class="verdict">${verdict(rows).join(' ')}</p>
    <div class="tiles">${tiles.map(({ value, name }) => html`<div><b>${value}</b><span>${name}</span></div>`)}</div>`;
}

function signed(value: number): string {
  return `${value >= 0 ? '+' : '−'}${Math.abs(value).toFixed(3)}`;
}

/** The table of all models. */
export function results({ rows }: ReportData): Html | undefined {
  if (rows.length === 0) return undefined;
  const colour = paletteOf(rows);
  const best = leaders(rows);
  const chance = rows.find(({ cloze }) => cloze !== undefined)?.cloze?.chance;
  const most = Math.max(...rows.map(({ parameters }) => parameters));
  return html`<section>
    <h2>Results</h2>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th>model</th>
            <th class="n">parameters</th>
            <th class="n">non-embedding</th>
            <th class="n">loss</th>
            <th class="n">perplexity</th>
            ${chance === undefined ? undefined : html`<th>cloze accuracy, 95% interval</th>`}
            <th class="n">tokens/s</th>
            <th class="n">trained on</th>
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            (row) =>
              html`<tr>
                <th>
                  <i class="swatch ${colour(row.name)}${row.trainingTokens === 0 && row !== rows[0] ? ' open' : ''}"></i
                  >${rowLabel(row.name)}
                </th>
                <td class="n">
                  ${formatInteger(row.parameters)}<span
                    class="bar"
                    style="width:${((100 * row.parameters) / most).toFixed(1)}%"
                  ></span>
                </td>
                <td class="n">${formatInteger(row.nonEmbeddingParameters)}</td>
                <td class="n">${row.loss.toFixed(4)}${margin(row)}</td>
                <td class="n">${row.perplexity.toFixed(row.perplexity < 1000 ? 3 : 0)}</td>
                ${chance === undefined ? undefined : clozeCell(row, colour(row.name), best.has(row.name))}
                <td class="n">${formatCount(row.tokensPerSecond)}</td>
                <td class="n">${row.trainingTokens === 0 ? '–' : formatCount(row.trainingTokens)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    ${chance === undefined ? undefined : html`<p class="note">${leadersNote(rows, best)} The dashed line is chance, ${formatPercent(chance)}. Intervals are Wilson's; two accuracies count as different where a two-proportion test says so at 95%.</p>`}
    <p class="note">
      Loss is cross-entropy in nats per token of held-out text, ± half of its 95% interval over documents. Speed is a
      forward pass on this machine.
    </p>
  </section>`;
}

/** Half the interval of the loss, where it is known. */
function margin({ loss, lossConfidence }: SummaryRow): Html | undefined {
  return lossConfidence === undefined ? undefined : html`<small> ±${(lossConfidence[1] - loss).toFixed(3)}</small>`;
}

function leadersNote(rows: readonly SummaryRow[], best: ReadonlySet<string>): string {
  const names = rows.filter(({ name }) => best.has(name)).map(({ name }) => rowLabel(name));
  if (names.length === 1) return `${names[0] ?? ''} has the highest accuracy, beyond noise.`;
  return `No winner within noise: ${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''} cannot be told apart (marked ≈).`;
}

const [PLOT, HEIGHT] = [150, 20];

function clozeCell({ cloze }: SummaryRow, colour: string, leads: boolean): Html {
  if (cloze === undefined) return html`<td></td>`;
  const x = (share: number): string => (share * PLOT).toFixed(1);
  const [low, high] = cloze.confidence;
  return html`<td class="cloze">
    <svg viewBox="0 0 ${PLOT} ${HEIGHT}" width="${PLOT}" height="${HEIGHT}" aria-hidden="true">
      <line class="grid" x1="0" x2="${PLOT}" y1="10" y2="10" />
      <line class="chance" x1="${x(cloze.chance)}" x2="${x(cloze.chance)}" y1="1" y2="19" />
      <line class="line ${colour}" x1="${x(low)}" x2="${x(high)}" y1="10" y2="10" />
      <circle class="dot ${colour}" cx="${x(cloze.accuracy)}" cy="10" r="4" />
    </svg>
    <span
      >${formatPercent(cloze.accuracy)}
      <small
        >(${(100 * low).toFixed(0)}–${(100 * high).toFixed(0)})${atChance(cloze) ? ' at chance' : ''}${leads ? ' ≈' : ''}</small
      ></span
    >
  </td>`;
}
