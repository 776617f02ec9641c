// The report of a run as one HTML file: no scripts, nothing loaded from elsewhere. A pure function of its data.
import { formatDuration, formatMoment } from './format.js';
import { html } from './html.js';
import type { ReportData } from './report-data.js';
import { costs } from './sections/costs.js';
import { headline, results } from './sections/headline.js';
import { importance } from './sections/importance.js';
import { kept } from './sections/kept.js';
import { losses } from './sections/losses.js';
import { origin } from './sections/origin.js';
import { samples } from './sections/samples.js';
import { sizes } from './sections/sizes.js';
import { style } from './style.js';

const sections = [results, losses, importance, kept, sizes, samples, costs, origin];

/** When the run was begun, how often it was gone on with, and whether it has come to its end. */
function history({ origin, sessions, answer, costs: steps }: ReportData): string {
  const begun = origin?.started === undefined ? '' : `, begun ${formatMoment(origin.started)}`;
  const seconds = steps.flatMap(({ stages }) => stages).reduce((sum, own) => sum + own.seconds, 0);
  const took = seconds === 0 ? '' : `, ${formatDuration(seconds)} of work`;
  const resumed = sessions > 1 ? `, resumed ${sessions === 2 ? 'once' : `${sessions - 1} times`}` : '';
  const end = answer?.hash === undefined ? ', not at its end' : '';
  return `A run of Espalier${begun}${took}${resumed}${origin === undefined ? '' : end}`;
}

/** The page. Sections whose data is absent are left out; everything from outside is escaped. */
export function reportHtml(data: ReportData): string {
  const shown = sections.map((section) => section(data));
  const empty = shown.every((section) => section === undefined);
  const page = html`<html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
      <title>${data.title} · Espalier</title>
      <style>
        ${style}
      </style>
    </head>
    <body>
      <main>
        <h1>${data.title}</h1>
        <p class="sub">${history(data)}</p>
        ${headline(data)}
        ${data.warnings.length === 0 ? undefined : html`<div class="warn">${data.warnings.map((own) => html`<p>${own}</p>`)}</div>`}
        ${shown} ${empty ? html`<p>The run has not measured anything yet.</p>` : undefined}
        <footer>Made from the events of the run alone (events.ndjson).</footer>
      </main>
    </body>
  </html>`;
  return `<!doctype html>\n${page.source}\n`;
}
