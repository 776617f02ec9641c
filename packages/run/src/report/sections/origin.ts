// Where the numbers come from: command, recipe, versions, hashes, seed.
import { stringify } from 'yaml';
import { formatBytes, formatMoment } from '../format.js';
import { html, type Html } from '../html.js';
import type { ReportData } from '../report-data.js';

/** The provenance table, and the recipe as YAML. */
export function origin({ origin: run }: ReportData): Html | undefined {
  if (run === undefined) return undefined;
  const facts: readonly (readonly [string, string])[] = [
    ...(run.started === undefined ? [] : [['started', formatMoment(run.started)] as const]),
    ...(run.command === undefined ? [] : [['command', run.command] as const]),
    ['seed', String(run.seed)],
    ...Object.entries(run.versions),
    ...Object.entries(run.machine ?? {}).map(([name, value]): readonly [string, string] => [
      name,
      name === 'memory' && typeof value === 'number' ? formatBytes(value) : String(value),
    ]),
    ...Object.entries(run.hashes ?? {}),
  ];
  return html`<section>
    <h2>Where this comes from</h2>
    <dl>
      ${facts.map(
        ([name, value]) =>
          html`<dt>${name}</dt>
            <dd><code>${value}</code></dd>`,
      )}
    </dl>
    ${
      run.recipe === undefined
        ? undefined
        : html`<details>
            <summary>Recipe, as resolved</summary>
            <pre>${stringify(run.recipe)}</pre>
          </details>`
    }
  </section>`;
}
