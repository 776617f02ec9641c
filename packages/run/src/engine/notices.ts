// What is said of the text of a run: what models are measured on, and how often it is trained on.
import type { Evaluator, EvaluationText, PipelineEvent } from '@espalier/core';
import { formatInteger } from '../report/format.js';
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
  const seen = `${name}: ${formatInteger(tokens)} tokens of training see a text of ${formatInteger(size)} tokens ${passes.toFixed(passes < 0.1 ? 2 : passes < 10 ? 1 : 0)} times`;
  return passes > PASSES ? `${seen}: more than ${PASSES} times is memorised; give more text, or fewer tokens` : seen;
}

/** The same as an event: a warning where it is often. */
export function passesEvent(name: string, tokens: number, size: number): PipelineEvent {
  const [message, passes] = [passesMessage(name, tokens, size), tokens / size];
  if (passes > PASSES) return notice(message);
  return { type: 'finding', name: 'passes', message, data: { tokens, size, passes }, ...place };
}
