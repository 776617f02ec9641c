// What a run tells its subscribers: plain data, JSON-serialisable, no tensors. The progress bar, the log file, the summary
// and a test all read this one stream.

/** A value that survives JSON. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** Work done so far within a stage. */
export interface ProgressEvent {
  /** Tells it from the other events. */
  readonly type: 'progress';
  /** How much of it is done, counted in `unit`. */
  readonly done: number;
  /** How much there is to do in this stage. */
  readonly total: number;
  /** What is counted, e.g. `tokens`. */
  readonly unit: string;
  /** Which part of the work is being done, where it has parts, e.g. `candidate 2 of 8, rung 1 of 3`. */
  readonly part?: string;
}

/** Told how far a work has come that is no stage, such as opening a text; as often as there is something to tell. */
export type Watch = (progress: Omit<ProgressEvent, 'type'>) => void;

/** Tells of a share (0 to 1) of so many `unit`s. */
export function shareOf(total: number, unit: string, watch: Watch | undefined): (share: number) => void {
  return (share) => watch?.({ done: Math.floor(share * total), total, unit });
}

/** One number of a series, e.g. the loss at a step. */
export interface MetricEvent {
  /** Tells it from the other events. */
  readonly type: 'metric';
  /** Which series: `loss`, `learningRate`, `validation/loss`, … */
  readonly name: string;
  /** 0-based training step. */
  readonly step: number;
  /** Its value at that step. */
  readonly value: number;
}

/** Something the user should know; the run goes on. */
export interface WarningEvent {
  /** Tells it from the other events. */
  readonly type: 'warning';
  /** What to know, and what can be done about it, in one line. */
  readonly message: string;
}

/** What a stage found out, in a line for people and as data. */
export interface FindingEvent {
  /** Tells it from the other events. */
  readonly type: 'finding';
  /** What was found, for programs: `scores`, `plan`, `evaluation/perplexity`, … Findings of one name have data of one form. */
  readonly name?: string;
  /** The finding in one line for people. */
  readonly message: string;
  /** The finding for programs. */
  readonly data: Json;
}

/** What a stage may report while it works. */
export type StageReport = ProgressEvent | MetricEvent | WarningEvent | FindingEvent;

/** What a stage's observable emits: reports, then one result, then completion. */
export type StageEvent<Out> =
  | StageReport
  | {
      /** Tells it from the reports. */
      readonly type: 'result';
      /** What the next stage begins with. */
      readonly value: Out;
    };

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
  | (StageReport & Stamp)
  | ({
      /** The first event of a stage. */
      readonly type: 'stage-started';
    } & Stamp)
  | ({
      /** The last event of a stage that has given its result. */
      readonly type: 'stage-finished';
    } & Stamp);
