// Events for tests, without a run.
import type { PipelineEvent, StageReport } from '@espalier/core';

/** An event before it is stamped with run, stage and time. */
export type Bare = StageReport | { readonly type: 'stage-started' } | { readonly type: 'stage-finished' };

/** Stamps an event; `time` is in milliseconds since the run began. */
export function stamped(run: string, stage: string, time: number, event: Bare): PipelineEvent {
  return { ...event, run, stage, time };
}
