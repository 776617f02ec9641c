// What the events of a run add up to, for showing: steps (one per `run` of the events), their stages, and numbers of each.
// A pure reducer; time of events and of the wall clock both come from outside.
import type { PipelineEvent, Watch } from '@espalier/core';
import { append, emptySeries, type Series } from './sparkline.js';

/** Work done at a time of the run. */
interface Mark {
  /** Milliseconds since the run began. */
  readonly time: number;
  readonly done: number;
}

export interface StageState {
  readonly name: string;
  /** Milliseconds since the run began. */
  readonly began: number;
  /** Absent while it works. */
  readonly ended?: number;
  /** Wall clock at its start, in milliseconds. */
  readonly startedAt: number;
  readonly work?: Parameters<Watch>[0];
  /** Recent progress, oldest first: what rate and time left come from. */
  readonly marks: readonly Mark[];
  readonly loss: Series;
}

export interface StepState {
  /** `run` of its events. */
  readonly name: string;
  readonly stages: readonly StageState[];
}

export interface RunState {
  readonly steps: readonly StepState[];
  /** Name of the step of the last event. */
  readonly current?: string;
  /** Resident memory in bytes, where the events tell. */
  readonly memory?: number;
  /** Wall clock at the first event. */
  readonly startedAt?: number;
}

export const emptyRun: RunState = { steps: [] };

/** The rate follows the last so many milliseconds. */
const RECENT = 20_000;
const SPACING = 250;

/** The state after one more event; `now` is the wall clock in milliseconds. */
export function applyEvent(state: RunState, event: PipelineEvent, now: number): RunState {
  const here = { ...state, startedAt: state.startedAt ?? now, current: event.run };
  switch (event.type) {
    case 'stage-started': {
      const stage = { name: event.stage, began: event.time, startedAt: now, marks: [{ time: event.time, done: 0 }] };
      return changeStep(here, event.run, (stages) => [
        ...stages.filter(({ name }) => name !== event.stage),
        { ...stage, loss: emptySeries },
      ]);
    }
    case 'stage-finished':
      return changeStage(here, event, (stage) => ({ ...stage, ended: event.time }));
    case 'progress': {
      const { done, total, unit, part, time } = event;
      return changeStage(here, event, (stage) => ({
        ...stage,
        work: { done, total, unit, ...(part === undefined ? {} : { part }) },
        // Another unit or a smaller count is other work: its rate begins anew.
        marks:
          stage.work !== undefined && (stage.work.unit !== unit || done < stage.work.done)
            ? [{ time, done }]
            : addMark(stage.marks, { time, done }),
      }));
    }
    case 'metric':
      if (event.name === 'memory') return { ...here, memory: event.value };
      if (event.name !== 'loss') return here;
      return changeStage(here, event, (stage) => ({ ...stage, loss: append(stage.loss, event.value) }));
    case 'warning':
    case 'finding':
      return here;
  }
}

function changeStep(
  state: RunState,
  name: string,
  change: (stages: readonly StageState[]) => readonly StageState[],
): RunState {
  const known = state.steps.some((step) => step.name === name);
  const steps = known ? state.steps : [...state.steps, { name, stages: [] }];
  return { ...state, steps: steps.map((step) => (step.name === name ? { name, stages: change(step.stages) } : step)) };
}

function changeStage(state: RunState, event: PipelineEvent, change: (stage: StageState) => StageState): RunState {
  return changeStep(state, event.run, (stages) =>
    stages.map((stage) => (stage.name === event.stage ? change(stage) : stage)),
  );
}

function addMark(marks: readonly Mark[], mark: Mark): readonly Mark[] {
  const recent = marks.filter(({ time }, index) => index === marks.length - 1 || mark.time - time <= RECENT);
  const last = recent.at(-1);
  const before = recent.at(-2);
  // The newest mark moves along until it is far enough from the one before.
  const kept = last && before && last.time - before.time < SPACING ? recent.slice(0, -1) : recent;
  return [...kept, mark];
}

/** Units per second lately; undefined before there is anything to divide, and while nothing is done. */
export function rate({ marks }: StageState): number | undefined {
  const [first, last] = [marks[0], marks.at(-1)];
  if (first === undefined || last === undefined || last.time <= first.time || last.done <= first.done) return undefined;
  return ((last.done - first.done) / (last.time - first.time)) * 1000;
}

/** Seconds until the stage's work is done at that rate. */
export function secondsLeft(stage: StageState): number | undefined {
  const perSecond = rate(stage);
  if (stage.work === undefined || perSecond === undefined || perSecond <= 0) return undefined;
  return (stage.work.total - stage.work.done) / perSecond;
}

/** The stage at work, if any: the last one of the current step that has not ended. */
export function workingStage(state: RunState): StageState | undefined {
  return state.steps.find(({ name }) => name === state.current)?.stages.findLast(({ ended }) => ended === undefined);
}
