// What the run cost: time of each step and stage, tokens, memory.
import { formatBytes, formatCount, formatDuration } from '../format.js';
import { html, type Html } from '../html.js';
import type { ReportData, StepCost } from '../report-data.js';

/** The cost table. */
export function costs({ costs: steps }: ReportData): Html | undefined {
  if (steps.length === 0) return undefined;
  const total = steps.reduce((sum, step) => sum + secondsOf(step), 0);
  const longest = Math.max(1e-9, ...steps.map(secondsOf));
  const peak = Math.max(0, ...steps.map(({ peakMemory }) => peakMemory ?? 0));
  return html`<section>
    <h2>Cost</h2>
    <div class="scroll">
      <table class="reflow">
        <thead>
          <tr>
            <th>step</th>
            <th class="n">time</th>
            <th>stages</th>
            <th class="n">training tokens</th>
            <th class="n">peak memory</th>
          </tr>
        </thead>
        <tbody>
          ${steps.map(
            (step) =>
              html`<tr>
                <th>${step.name}</th>
                <td class="n" data-label="time">
                  ${formatDuration(secondsOf(step))}<span
                    class="bar"
                    style="width:${((100 * secondsOf(step)) / longest).toFixed(1)}%"
                  ></span>
                </td>
                <td class="stages" data-label="stages">
                  ${step.stages.map(({ name, seconds }) => `${name} ${shortly(seconds)}`).join(' · ')}
                </td>
                <td class="n" data-label="training tokens">${step.tokens === 0 ? '–' : formatCount(step.tokens)}</td>
                <td class="n" data-label="peak memory">
                  ${step.peakMemory === undefined ? '–' : formatBytes(step.peakMemory)}
                </td>
              </tr>`,
          )}
        </tbody>
        <tfoot>
          <tr>
            <th>in all</th>
            <td class="n" data-label="time">${formatDuration(total)}</td>
            <td class="none-here"></td>
            <td class="n" data-label="training tokens">
              ${formatCount(steps.reduce((sum, { tokens }) => sum + tokens, 0))}
            </td>
            <td class="n" data-label="peak memory">${peak === 0 ? '–' : formatBytes(peak)}</td>
          </tr>
        </tfoot>
      </table>
    </div>
  </section>`;
}

/** A stage that took next to nothing is not said to have taken none. */
function shortly(seconds: number): string {
  return seconds < 0.05 ? 'under 0.1 s' : formatDuration(seconds);
}

function secondsOf({ stages }: StepCost): number {
  return stages.reduce((sum, { seconds }) => sum + seconds, 0);
}
