// The result in a sentence, in four numbers, and as the table of all models with intervals and chance level.
import { formatCount, formatInteger, formatPercent } from '../format.js';
import { cutInSteps, gapDigits, measureText, ofSourceText, rowLabel, spreadText, tableNotes } from '../table.js';
import { worseThanChance, type Measured } from '@espalier/core';
import { decidingMeasure, measureIn, measuresOf, type SummaryRow } from '../../engine/summary.js';
import { html, type Html, type HtmlValue } from '../html.js';
import { paletteOf } from '../palette.js';
import type { ReportData } from '../report-data.js';
import { atChance, gapBetween, leaders, shownMeasures, timedApart } from '../significance.js';
import { answered, betterRows, verdict } from '../verdict.js';

interface Tile {
  readonly value: HtmlValue;
  readonly name: string;
}

/** Sentences, tiles, which model it is, and which one is better. */
export function headline(data: ReportData): Html | undefined {
  const { rows, answer } = data;
  const [teacher] = rows;
  const student = answered(data);
  if (teacher === undefined || student === undefined) return undefined;
  const deciding = decidingMeasure(rows);
  const shown = shownMeasures(rows);
  const tiles: readonly Tile[] = [
    ...(student === teacher
      ? []
      : [{ value: formatPercent(student.parameters / teacher.parameters), name: 'of the parameters' }]),
    ...measuresOf(student === teacher ? [] : rows).flatMap((measure): readonly Tile[] => {
      const [own, whole] = [measureIn(student, measure), measureIn(teacher, measure)];
      if (own === undefined || whole === undefined || !shown.includes(measure)) return [];
      if (own.timed === true && own.form === 'count' && timedApart(own, whole))
        return [
          { value: `×${(own.value / whole.value).toFixed(1)}`, name: `of the teacher's ${own.label}, on this machine` },
        ];
      return measure === deciding ? [{ value: signed(own, whole), name: `${own.label} over the teacher` }] : [];
    }),
    { value: formatCount(student.trainingTokens), name: 'training tokens' },
  ];
  const better = betterRows(data);
  const [kept = '', ...others] = verdict(data);
  return html`<p class="verdict">${kept}</p>
    <p class="said">${others.join(' ')}</p>
    ${chain(data)}
    <div class="tiles">${tiles.map(({ value, name }) => html`<div><b>${value}</b><span>${name}</span></div>`)}</div>
    ${better.length === 0 ? undefined : html`<p class="note">To have ${better.length === 1 ? 'it' : 'one of them'} instead: ${better.map(({ name }) => html`<code>espalier export RUN --row ${name} --out FOLDER</code> `)}</p>`}
    ${answer?.hash === undefined ? undefined : html`<p class="note">The model: ${answer.folder === undefined ? undefined : html`<code>${answer.folder}</code>, `}SHA-256 of shape and weights <code class="hash">${answer.hash}</code></p>`}`;
}

/** From the teacher to the model, where more than one step lies between. */
function chain({ rows, answer }: ReportData): Html | undefined {
  if (answer === undefined || !cutInSteps(rows)) return undefined;
  const last = rows.findIndex(({ name }) => name === answer.row);
  const links = rows.slice(0, last + 1).filter(({ name }, index) => index === 0 || name.endsWith('/distilled'));
  const deciding = decidingMeasure(rows);
  return html`<ol class="chain">
    ${links.map((row, index) => {
      const own = deciding && measureIn(row, deciding);
      return html`<li>
        ${index === 0 ? undefined : html`<i aria-hidden="true">→</i>`}
        <b>${row.name}</b>
        ${formatCount(row.parameters)}${own === undefined ? '' : `, ${own.label} ${measureText(own)}`}
      </li>`;
    })}
  </ol>`;
}

/** A difference with no more digits than its interval supports, and half of that. */
function signed(own: Measured, whole: Measured): Html {
  const { value, half } = gapBetween(own, whole);
  const digits = Math.min(3, gapDigits(half ?? Math.abs(value) / 10));
  const spread = half === null || half === 0 ? undefined : html` <small>±${half.toFixed(digits)}</small>`;
  return html`${value >= 0 ? '+' : '−'}${Math.abs(value).toFixed(digits)}${spread}`;
}

/** The table of all models. */
export function results(data: ReportData): Html | undefined {
  const { rows } = data;
  const student = answered(data);
  const [teacher] = rows;
  if (teacher === undefined) return undefined;
  const colour = paletteOf(rows);
  const measures = shownMeasures(rows);
  const inSteps = cutInSteps(rows);
  const plots = new Map(measures.filter(isPlotted).map((own) => [own, leaders(rows, own)]));
  const most = Math.max(...rows.map(({ parameters }) => parameters));
  return html`<section>
    <h2>Results</h2>
    <div class="scroll">
      <table class="reflow">
        <thead>
          <tr>
            <th>model</th>
            <th class="n">parameters</th>
            <th class="n">of teacher</th>
            ${inSteps ? html`<th class="n">of source</th>` : undefined}
            <th class="n">non-embedding</th>
            ${measures.map((own) => (plots.has(own) ? html`<th>${own.label}, 95% interval</th>` : html`<th class="n">${own.label}</th>`))}
            <th class="n">trained on</th>
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            (row) =>
              html`<tr${row === student ? html` class="answer"` : undefined}>
                <th>
                  <i class="swatch ${colour(row.name)}${row.trainingTokens === 0 && row !== rows[0] ? ' open' : ''}"></i
                  >${rowLabel(row.name)}
                </th>
                <td class="n" data-label="parameters">
                  ${formatInteger(row.parameters)}<span
                    class="bar"
                    style="width:${((100 * row.parameters) / most).toFixed(1)}%"
                  ></span>
                </td>
                <td class="n${row === teacher ? ' none-here' : ''}" data-label="of teacher">
                  ${row === teacher ? '' : formatPercent(row.parameters / teacher.parameters)}
                </td>
                ${inSteps ? html`<td class="n" data-label="of source">${ofSourceText(row)}</td>` : undefined}
                <td class="n" data-label="non-emb.">${formatInteger(row.nonEmbeddingParameters)}</td>
                ${measures.map((own) => measureCell(measureIn(row, own), colour(row.name), plots.get(own)?.has(row.name)))}
                <td class="n" data-label="trained on">${row.trainingTokens === 0 ? '–' : formatCount(row.trainingTokens)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    ${[...plots].map(([own, best]) => html`<p class="note">${own.label}: ${leadersNote(rows, best)}${own.chance === undefined ? '' : ` The dashed line is chance, ${formatPercent(own.chance)}.`} Two shares count as different where a two-proportion test says so at 95%.</p>`)}
    ${tableNotes(rows).map((own) => html`<p class="note">${own}</p>`)}
    <p class="note">
      ${measures.some(({ interval }) => interval) ? '± is half of a 95% interval. ' : ''}${measures.some(({ timed }) => timed === true) ? 'Numbers per second are of this machine.' : ''}
    </p>
  </section>`;
}

/** A share of questions with its interval is drawn as well. */
function isPlotted({ form, interval, n }: Measured): boolean {
  return form === 'share' && Boolean(interval) && n !== undefined;
}

function measureCell(measured: Measured | undefined, colour: string, leads: boolean | undefined): Html {
  if (measured === undefined) return html`<td class="none-here"></td>`;
  const { interval } = measured;
  if (isPlotted(measured) && interval) return plotCell(measured, interval, colour, leads === true);
  return html`<td class="n" data-label="${measured.label}">
    ${measureText(measured)}<small
      >${spreadText(measured)}${worseThanChance(measured) ? ' worse than a guess' : ''}</small
    >
  </td>`;
}

function leadersNote(rows: readonly SummaryRow[], best: ReadonlySet<string>): string {
  const names = rows.filter(({ name }) => best.has(name)).map(({ name }) => rowLabel(name));
  if (names.length === 1) return `${names.join('')} is the best, by more than the measurement is uncertain.`;
  return `no winner: ${names.slice(0, -1).join(', ')} and ${names.slice(-1).join('')} cannot be told apart (marked ≈).`;
}

const [PLOT, HEIGHT] = [130, 20];

function plotCell(measured: Measured, [low, high]: readonly [number, number], colour: string, leads: boolean): Html {
  const x = (share: number): string => (share * PLOT).toFixed(1);
  const { value, chance } = measured;
  return html`<td class="cloze" data-label="${measured.label}">
    <svg viewBox="0 0 ${PLOT} ${HEIGHT}" width="${PLOT}" height="${HEIGHT}" aria-hidden="true">
      <line class="grid" x1="0" x2="${PLOT}" y1="10" y2="10" />
      ${chance === undefined ? undefined : html`<line class="chance" x1="${x(chance)}" x2="${x(chance)}" y1="1" y2="19" />`}
      <line class="line ${colour}" x1="${x(low)}" x2="${x(high)}" y1="10" y2="10" />
      <circle class="dot ${colour}" cx="${x(value)}" cy="10" r="4" />
    </svg>
    <span
      >${measureText(measured)}
      <small
        >(${(100 * low).toFixed(0)}–${(100 * high).toFixed(0)})${worseThanChance(measured) ? ' worse than a guess' : atChance(measured) ? ' at chance' : ''}${leads ? ' ≈' : ''}</small
      ></span
    >
  </td>`;
}
