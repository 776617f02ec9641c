// What a run tells its subscribers: plain data, JSON-serialisable, no tensors. The progress bar, the log file, the summary
// and a test all read this one stream.

/** A value that survives JSON. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** Work done so far within a stage. */
export interface ProgressEvent {
  readonly type: 'progress';
  readonly done: number;
  readonly total: number;
  /** What is counted, e.g. `tokens`. */
  readonly unit: string;
}

/** One number of a series, e.g. the loss at a step. */
export interface MetricEvent {
  readonly type: 'metric';
  readonly name: string;
  /** 0-based. */
  readonly step: number;
  readonly value: number;
}

/** Something the user should know; the run goes on. */
export interface WarningEvent {
  readonly type: 'warning';
  readonly message: string;
}

/** What a stage found out, in a line for people and as data. */
export interface FindingEvent {
  readonly type: 'finding';
  /** What was found, for programs: `scores`, `plan`, `evaluation/perplexity`, … Findings of one name have data of one form. */
  readonly name?: string;
  readonly message: string;
  readonly data: Json;
}

/** What a stage may report while it works. */
export type StageReport = ProgressEvent | MetricEvent | WarningEvent | FindingEvent;

/** What a stage's observable emits: reports, then one result, then completion. */
export type StageEvent<Out> = StageReport | { readonly type: 'result'; readonly value: Out };

interface Stamp {
  /** Name of the run. */
  readonly run: string;
  /** Name of the stage, unique within the run (`distil`, `distil 2`, …). */
  readonly stage: string;
  /** Milliseconds since the run began. */
  readonly time: number;
}

/** The stream of a whole run. */
export type PipelineEvent =
  (StageReport & Stamp) | ({ readonly type: 'stage-started' } & Stamp) | ({ readonly type: 'stage-finished' } & Stamp);
