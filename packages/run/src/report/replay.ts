// From the events of a run to the data of its report, and to the rows of its summary: a pure function. Where a run was resumed
// and did something twice, the later one counts.
import type { Measured, PipelineEvent } from '@espalier/core';
import { findingsNamed } from '../events/read-events.js';
import type { SummaryRow } from '../engine/summary.js';
import type { LossCurve, ReportData, StepCost } from './report-data.js';

/** The report's data. `title` is used where the events have none. */
export function reportFromEvents(events: readonly PipelineEvent[], title: string): ReportData {
  const origin = findingsNamed(events, 'run').at(-1)?.data;
  const scores = findingsNamed(events, 'scores').at(-1)?.data;
  const stability = findingsNamed(events, 'stability').at(-1)?.data;
  const rows = rowsFromEvents(events);
  const answer = answerOf(findingsNamed(events, 'answer').at(-1)?.data, origin?.answer, rows);
  const plans = new Map(findingsNamed(events, 'plan').map(({ run, data }) => [run, data]));
  return {
    title: origin?.title ?? title,
    sessions: findingsNamed(events, 'run').length,
    rows,
    ...(answer && { answer }),
    curves: curvesFromEvents(events),
    ...(scores && { scores }),
    ...(stability && { stability }),
    plans: [...plans].map(([name, plan]) => ({ name, plan })),
    candidates: findingsNamed(events, 'candidates').at(-1)?.data.candidates ?? [],
    costs: costsFromEvents(events),
    samples: findingsNamed(events, 'samples').at(-1)?.data.samples ?? [],
    ...(origin && { origin }),
    warnings: [...new Set(events.flatMap((event) => (event.type === 'warning' ? [event.message] : [])))],
  };
}

/** What the run says it is for; a run that has not come so far, what it is to be for; a log of neither, what was distilled last. */
function answerOf(
  told: ReportData['answer'],
  meant: string | undefined,
  rows: readonly SummaryRow[],
): ReportData['answer'] {
  if (told !== undefined) return told;
  const row = meant ?? rows.findLast(({ name }) => name.endsWith('/distilled'))?.name;
  return row === undefined || !rows.some(({ name }) => name === row) ? undefined : { row };
}

/** The rows of the summary: one for each step whose model was measured, in the order of measuring. */
export function rowsFromEvents(events: readonly PipelineEvent[]): readonly SummaryRow[] {
  const models = new Map(findingsNamed(events, 'model').map(({ run, data }) => [run, data]));
  const tokens = trainedTokens(events);
  const cut = new Map(findingsNamed(events, 'cut-from').map(({ run, data }) => [run, data.parameters]));
  const measures = new Map<string, Map<string, readonly Measured[]>>();
  for (const { run, data } of findingsNamed(events, 'measures')) {
    const own = measures.get(run) ?? new Map<string, readonly Measured[]>();
    measures.set(run, own.set(data.measures[0]?.evaluator ?? '', data.measures));
  }
  return [...models].flatMap(([name, { parameters, nonEmbeddingParameters }]) => {
    const own = [...(measures.get(name)?.values() ?? [])].flat();
    // A run that was stopped while it measured has no row for that model yet.
    if (!measures.has(name)) return [];
    const cutFrom = cut.get(name);
    const counts = { parameters, nonEmbeddingParameters, ...(cutFrom === undefined ? {} : { cutFrom }) };
    return [{ name, ...counts, measures: own, trainingTokens: tokens.get(name) ?? 0 }];
  });
}

/** Tokens that each step trained on. */
function trainedTokens(events: readonly PipelineEvent[]): ReadonlyMap<string, number> {
  const training = new Set(findingsNamed(events, 'training').map(({ run, stage }) => `${run}\n${stage}`));
  const tokens = new Map<string, number>();
  for (const event of events) {
    if (event.type !== 'progress' || !training.has(`${event.run}\n${event.stage}`)) continue;
    if (event.unit === 'tokens') tokens.set(event.run, event.done);
  }
  return tokens;
}

function curvesFromEvents(events: readonly PipelineEvent[]): readonly LossCurve[] {
  const objectives = new Map(findingsNamed(events, 'training').map(({ run, data }) => [run, data]));
  const losses = new Map<string, Map<number, number>>();
  for (const event of events) {
    if (event.type !== 'metric' || event.name !== 'loss') continue;
    const own = losses.get(event.run) ?? new Map<number, number>();
    losses.set(event.run, own.set(event.step, event.value));
  }
  return [...losses].map(([name, own]) => {
    const training = objectives.get(name);
    const perStep = training === undefined ? 1 : training.tokens / Math.max(1, training.steps);
    const points = [...own].sort(([a], [b]) => a - b).map(([step, loss]) => ({ tokens: (step + 1) * perStep, loss }));
    return { name, objective: training?.objective ?? 'loss', points };
  });
}

function costsFromEvents(events: readonly PipelineEvent[]): readonly StepCost[] {
  const tokens = trainedTokens(events);
  const steps = new Map<string, { began: Map<string, number>; seconds: Map<string, number>; peak: number }>();
  for (const event of events) {
    const step = steps.get(event.run) ?? { began: new Map(), seconds: new Map(), peak: 0 };
    steps.set(event.run, step);
    if (event.type === 'stage-started') step.began.set(event.stage, event.time);
    if (event.type === 'metric' && event.name === 'memory') step.peak = Math.max(step.peak, event.value);
    if (event.type === 'stage-finished') {
      step.seconds.set(event.stage, (event.time - (step.began.get(event.stage) ?? event.time)) / 1000);
    }
  }
  return [...steps].map(([name, { seconds, peak }]) => ({
    name,
    stages: [...seconds].map(([stage, own]) => ({ name: stage, seconds: own })),
    tokens: tokens.get(name) ?? 0,
    ...(peak > 0 && { peakMemory: peak }),
  }));
}
