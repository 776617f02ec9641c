// Stage 8: measuring a model. Its weights go to the device once; the evaluators follow one another, so that a speed is
// measured while nothing else runs.
import { modelParameters } from '../../cost/index.js';
import { InputError } from '../../errors.js';
import type { FindingEvent } from '../../pipeline/events.js';
import { finiteResult } from '../../pipeline/finite.js';
import { createRunner, describeArchitecture, type Model } from '../../model/index.js';
import { stage, type Json, type Stage, type StageContext, type StageTools } from '../../pipeline/index.js';
import { grouped } from '../5-search/target.js';
import { measuredBy, worseThanChance, type Measured } from './measured.js';
import type { Evaluation, EvaluationContext, EvaluationText, Evaluator } from './evaluator.js';

/** The context of a model's evaluators: what is not given of the text is as the model has it. */
export function evaluationContext(
  { tokenizer, architecture }: Pick<Model, 'tokenizer' | 'architecture'>,
  { documents, items = [], contextLength = architecture.contextLength }: EvaluationText,
  context: StageContext,
): EvaluationContext {
  return { ...context, documents, items, contextLength, tokenizer };
}

/**
 * Measures one model by every evaluator that has something to measure; all share its one load onto the device, which is left out where there is nothing to measure. Throws `InputError`
 * when two evaluators have one name, and for a result with a number that is NaN or infinite.
 */
export async function evaluateModel(
  model: Model,
  evaluators: readonly Evaluator[],
  text: EvaluationText,
  stageContext: StageContext,
  tools: StageTools,
): Promise<Evaluation> {
  checkEvaluators(evaluators);
  reportModel(model, tools);
  const context = evaluationContext(model, text, stageContext);
  const applying = evaluators.filter((own) => own.applies?.(context) ?? true);
  if (applying.length === 0) {
    // It has a row all the same: what others are compared with in size.
    tools.report({ type: 'finding', name: 'measures', message: '', data: { measures: [] } });
    return {};
  }
  const runner = await createRunner(model, context);
  try {
    const results: Record<string, Evaluation[string]> = {};
    for (const evaluator of applying) {
      tools.signal.throwIfAborted();
      const data = finiteResult(`"${evaluator.name}"`, await evaluator.evaluate(runner, context, tools));
      results[evaluator.name] = data;
      const message = `${evaluator.name}: ${readable(data)}`;
      tools.report({ type: 'finding', name: `evaluation/${evaluator.name}`, message, data });
      const measures = measuredBy(evaluator, data);
      // For programs: people were told by the finding before it.
      tools.report({ type: 'finding', name: 'measures', message: '', data: { measures } });
      for (const own of measures.filter(worseThanChance)) tools.report(worse(own));
    }
    return results;
  } finally {
    await runner.dispose();
  }
}

function worse({ evaluator, name, label, value, chance = value }: Measured): FindingEvent {
  const message = `${label} ${readable(value)} is worse than a guess, ${readable(chance)}`;
  return { type: 'finding', name: 'worse-than-chance', message, data: { evaluator, name, value, chance } };
}

/** Throws `InputError` for two evaluators of one name: their results would be one. */
export function checkEvaluators(evaluators: readonly Evaluator[]): void {
  const names = evaluators.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return;
  const fix = 'Leave one out, or give it another name';
  throw new InputError({ asked: `evaluate ${names.join(', ')}`, found: `"${twice}" is there twice`, fix });
}

/** What is measured: the numbers below it belong to this shape. */
function reportModel(model: Model, tools: StageTools): void {
  const { layers, sizes } = model.architecture;
  const counts = modelParameters(model);
  tools.report({
    type: 'finding',
    name: 'model',
    message: `measuring ${describeArchitecture(model.architecture)}: ${grouped(counts.parameters)} parameters`,
    data: { family: model.family.name, layers, sizes: { ...sizes }, ...counts },
  });
}

/** Measures the student. Throws as `evaluateModel`. */
export function evaluate<
  State extends {
    /** What is measured. */
    readonly student: Model;
  },
>(
  evaluators: readonly Evaluator[],
  text: EvaluationText,
): Stage<
  State,
  State & {
    /** Results by evaluator. */
    readonly evaluation: Evaluation;
  }
> {
  return stage('evaluate', async (state: State, context, tools) => {
    const evaluation = await evaluateModel(state.student, evaluators, text, context, tools);
    return { ...state, evaluation };
  });
}

/** A result in one line: `loss 0.6541, tokens 21089`. */
function readable(data: Json): string {
  if (typeof data === 'number') return String(Number.isInteger(data) ? data : Number(data.toPrecision(4)));
  if (Array.isArray(data)) return data.map(readable).join('–');
  if (typeof data !== 'object' || data === null) return String(data);
  return Object.entries(data)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name} ${readable(value)}`)
    .join(', ');
}
