// Results that are no numbers: JSON has no NaN and no infinities, and a person can do nothing with them.
import { InputError } from '../errors.js';
import type { Json, StageReport } from './events.js';

/** The first NaN or infinity in plain data, with the path to it (`confidence.1`; empty for the value itself). */
function notFinite(
  data: Json,
  path: readonly string[] = [],
): { readonly path: string; readonly value: number } | undefined {
  if (typeof data === 'number') return Number.isFinite(data) ? undefined : { path: path.join('.'), value: data };
  if (typeof data !== 'object' || data === null) return undefined;
  for (const [key, own] of Object.entries(data)) {
    const found = notFinite(own, [...path, key]);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Gives what was measured. Throws `InputError`, naming `what` and the field, for a number in it that is NaN or infinite. */
export function finiteResult<Result extends Json>(what: string, data: Result): Result {
  const found = notFinite(data);
  if (found === undefined) return data;
  throw new InputError({
    asked: `measure ${what}`,
    found: `${found.path === '' ? 'it' : `its "${found.path}"`} is ${found.value}`,
    fix: 'Each weight that was read is finite, so numbers overflow within the model: check that the weights, config.json and text belong together',
  });
}

/** Gives a report. Throws `InputError`, naming it, where it would tell a number that is NaN or infinite, or count in other than whole numbers. */
export function finiteReport(report: StageReport): StageReport {
  const counts =
    report.type === 'metric' ? [report.step] : report.type === 'progress' ? [report.done, report.total] : [];
  const odd = counts.find((own) => !(Number.isSafeInteger(own) && own >= 0));
  if (odd !== undefined) {
    const what = report.type === 'metric' ? `the metric "${report.name}" at step` : 'progress of';
    throw new InputError({
      asked: `report ${what} ${odd}`,
      found: 'it is no whole number of at least 0',
      fix: 'Count in whole numbers, such as tokens, documents or steps',
    });
  }
  if (report.type === 'metric') finiteResult(`"${report.name}" at step ${report.step}`, report.value);
  if (report.type === 'finding') finiteResult(`"${report.name ?? report.message}"`, report.data);
  return report;
}
