// A stop rule at work: it hears the metrics of one training, and says when that has learnt enough.
import { Subject, take } from 'rxjs';
import { InputError } from '../../errors.js';
import type { MetricEvent } from '../../pipeline/index.js';
import type { HeardMetric, TrainingCheckpoint } from './checkpoint.js';
import type { StepMetrics } from './stepper.js';
import type { StopRule } from './stop-rule.js';

/** The name of the metric that the best weights are chosen by. */
const judge = 'validation/loss';

export interface Stopping {
  readonly rule: StopRule;
  /** Everything heard so far, so that a resumed training can be told it again. */
  readonly heard: readonly HeardMetric[];
  /** Least validation loss so far, and the step (0-based) after which it was measured; absent where none was. */
  readonly least: { readonly step: number; readonly loss: number } | undefined;
  /** Whether the rule has spoken. Throws `InputError` naming the rule where it failed. */
  readonly ended: boolean;
  /** Tells the rule. Throws `InputError` naming it where it failed. */
  hear(step: number, metrics: StepMetrics): void;
  close(): void;
}

/** Subscribes the rule, and tells it what was heard before a break. Throws `InputError` where nothing was kept of that. */
export function listen(rule: StopRule, resumed?: Pick<TrainingCheckpoint, 'step' | 'metrics'>): Stopping {
  if (resumed !== undefined && resumed.metrics === undefined) {
    const asked = `resume a training at step ${resumed.step} that "${rule.name}" may end`;
    const fix = 'Resume with the stop rule that the checkpoint was made with, or with none';
    throw new InputError({ asked, found: 'the checkpoint was made without a stop rule', fix });
  }
  const heard: HeardMetric[] = [];
  const metrics = new Subject<MetricEvent>();
  let [ended, least]: [boolean, Stopping['least']] = [false, undefined];
  let failure: InputError | undefined;
  const failed = (cause: unknown): void => {
    const found = cause instanceof Error ? cause.message : String(cause);
    const parts = { asked: `end the training by stop rule "${rule.name}"`, found, fix: 'Correct the rule' };
    failure = new InputError(parts, { cause });
  };
  let close = (): void => undefined;
  try {
    const subscription = rule
      .when(metrics.asObservable())
      .pipe(take(1))
      .subscribe({ next: () => (ended = true), error: failed });
    close = () => subscription.unsubscribe();
  } catch (cause) {
    failed(cause);
  }
  const tell = (name: string, step: number, value: number): void => {
    heard.push([name, step, value]);
    if (name === judge && value < (least?.loss ?? Infinity)) least = { step, loss: value };
    metrics.next({ type: 'metric', name, step, value });
  };
  for (const own of resumed?.metrics ?? []) tell(...own);
  return {
    rule,
    heard,
    get least() {
      return least;
    },
    get ended() {
      if (failure !== undefined) throw failure;
      return ended;
    },
    hear(step, own) {
      for (const [name, value] of Object.entries(own)) tell(name, step, value);
      if (failure !== undefined) throw failure;
    },
    close: () => close(),
  };
}
