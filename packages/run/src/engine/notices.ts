// What is said of the text of a run: what models are measured on, and how often it is trained on.
import type { Evaluator, EvaluationText, PipelineEvent } from '@espalier/core';
import { formatInteger } from '../report/format.js';
import type { PlannedStep } from '../steps/plan-steps.js';
import type { CompressionStep } from '../steps/step-schema.js';
import { notice, place } from './engine.js';

/** Passes over a text from which on it is memorised rather than learnt (Muennighoff et al. 2023: four are nearly as good as new text). */
const PASSES = 4;

/** A line for each thing to know of how evaluators measure on a text. */
export function evaluationNotices(evaluators: readonly Evaluator[], text: Required<EvaluationText>): readonly string[] {
  const applied = evaluators.filter((own) => own.applies?.(text) ?? true);
  return applied.flatMap((own) => own.notices?.(text) ?? []);
}

/** How often a training of `tokens` sees a text of `size` tokens, and what follows where that is often. */
export function passesMessage(name: string, tokens: number, size: number): string {
  const passes = tokens / size;
  const seen = `${name}: ${formatInteger(tokens)} tokens of training see a text of ${formatInteger(size)} tokens ${times(passes)} times`;
  return passes > PASSES ? `${seen}: more than ${PASSES} times is memorised; give more text, or fewer tokens` : seen;
}

/** The same in a few words, for a list of facts. */
export function passesText(tokens: number, size: number): string {
  return `${times(tokens / size)} times a text of ${formatInteger(size)}`;
}

function times(passes: number): string {
  return passes.toFixed(passes < 0.1 ? 2 : passes < 10 ? 1 : 0);
}

/** What is to be said of a text that a step reads more than a few times, in its training or in its calibration's sample. */
export function textNotices({ name, tokens, from, resolved }: PlannedStep, size: number): readonly string[] {
  return [
    ...(tokens / size > PASSES ? [passesMessage(name, tokens, size)] : []),
    ...(resolved.scorers.some((own) => own.observe(from.architecture).length > 0)
      ? sampleNotices(name, resolved.step.importance, size)
      : []),
  ];
}

/** What is to be said where a sample asks for more windows than the text has. */
export function sampleNotices(
  name: string,
  { samples, length }: Pick<CompressionStep['importance'], 'samples' | 'length'>,
  size: number,
): readonly string[] {
  const windows = Math.max(1, Math.floor(size / length));
  if (samples <= windows) return [];
  return [
    `${name}: the calibration asks for ${formatInteger(samples)} samples of ${formatInteger(length)} tokens, and the text has ${formatInteger(windows)}: what repeats makes no larger sample; give more text, or fewer samples`,
  ];
}

/** The passes as an event: a warning where they are many. */
export function passesEvent(name: string, tokens: number, size: number): PipelineEvent {
  const [message, passes] = [passesMessage(name, tokens, size), tokens / size];
  if (passes > PASSES) return notice(message);
  return { type: 'finding', name: 'passes', message, data: { tokens, size, passes }, ...place };
}
