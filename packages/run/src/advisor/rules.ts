// The best practices of the Minitron papers as rules, one function each: a rule says what it holds against a plan, or nothing.
// Sources: Muralidharan et al. 2024 (arXiv 2407.14679, tables as numbered at NeurIPS), Sreenivas et al. 2024
// (arXiv 2408.11796), NVIDIA Model-Optimizer's pruning guide. Numbers that a paper leaves open are constants here, with their reason.
import type { PlanFacts, ShapeFacts, StepFacts } from './facts.js';

/** What a rule holds against something, and where. */
export interface Objection {
  readonly step?: string;
  readonly found: string;
  readonly fix: string;
}

export interface Rule {
  readonly reason: string;
  readonly source: string;
  judge(plan: PlanFacts): readonly Objection[];
}

/** A cut this deep is deep: the papers' own deep cut drops half; benchmarks fall sharply from about a fifth on. */
const DEEP = 1 / 3;
/** A cut this shallow is shallow: knowledge benchmarks hold until about a fifth of the layers is gone (Muralidharan et al. 2024, figure 7). */
const SHALLOW = 1 / 5;
/** Width before depth up to here, in parameters; the papers' 15B has 15.6e9. */
const WIDTH_UP_TO = 16e9;
/** Scorers of layers that do not look at what a layer changes. */
const ignoresEffect: readonly string[] = ['magnitude', 'random'];
/** Most that one step should take away. */
const STEP = 0.5;

const layerShare = ({ from, to }: StepFacts): number => 1 - to.layers / from.layers;
const cutShare = (from: ShapeFacts, to: ShapeFacts): number => 1 - to.parameters / from.parameters;
const percent = (share: number): string => `${Math.round(100 * share)}%`;
const narrower = ({ from, to }: StepFacts): boolean =>
  to.hidden < from.hidden || to.ffn < from.ffn || to.heads < from.heads;
const distils = ({ losses }: StepFacts): boolean => losses.some((kind) => kind !== 'language-model');

/** A rule that looks at one step at a time. */
function eachStep(
  reason: string,
  source: string,
  judge: (step: StepFacts) => Omit<Objection, 'step'> | undefined,
): Rule {
  return {
    reason,
    source,
    judge: ({ steps }) =>
      steps.flatMap((step) => {
        const objection = judge(step);
        return objection === undefined ? [] : [{ ...objection, step: step.name }];
      }),
  };
}

export const rules = {
  'train-only-the-largest': eachStep(
    'a pruned and distilled model reaches in 100B tokens what one from random weights does not in 400B (MMLU 37.8 against 26.2)',
    'Muralidharan et al. 2024, section 4.1 and table 14',
    ({ start }) =>
      start === 'random'
        ? { found: 'the student begins from random weights', fix: 'Prune it from the larger model of the family' }
        : undefined,
  ),
  'width-by-l2-of-means': eachStep(
    'right after pruning, other aggregations of activations give losses up to 3.4 nats higher, and the order lasts through retraining',
    'Muralidharan et al. 2024, section 4.1 and table 11',
    (step) => {
      const { batch = 'l2', sequence = 'mean' } = step.aggregation ?? {};
      if (!narrower(step) || (batch === 'l2' && sequence === 'mean')) return undefined;
      return {
        found: `width is scored by (batch ${batch}, sequence ${sequence})`,
        fix: 'Use batch l2 of sequence means',
      };
    },
  ),
  'depth-by-effect': eachStep(
    'what a layer changes is what its loss costs; block influence, perplexity or a task without the layer measure that',
    'Muralidharan et al. 2024, section 4.1; Sreenivas et al. 2024 on depth pruning',
    (step) => {
      const { layerScorer } = step;
      if (layerShare(step) <= 0 || layerScorer === undefined || !ignoresEffect.includes(layerScorer)) return undefined;
      return {
        found: `layers are scored by ${layerScorer}`,
        fix: 'Score them by block influence, perplexity or a task',
      };
    },
  ),
  'importance-once': eachStep(
    'estimating again after every cut ended at the same loss as once (1.92 with one, two and four rounds)',
    'Muralidharan et al. 2024, section 4.1 and table 12',
    ({ importanceRounds = 1 }) =>
      importanceRounds > 1
        ? { found: `importance is estimated in ${importanceRounds} rounds`, fix: 'One round is enough' }
        : undefined,
  ),
  'width-before-depth': eachStep(
    'up to about 15B a narrower model beats a shallower one after retraining (loss 2.05 against 2.16; MMLU 60.5 against 58.7)',
    'Muralidharan et al. 2024, section 4.1 and table 13; Sreenivas et al. 2024, table 1',
    (step) =>
      layerShare(step) > 0 && !narrower(step) && step.from.parameters <= WIDTH_UP_TO
        ? {
            found: `only layers go (${step.from.layers} to ${step.to.layers})`,
            fix: 'Narrow the layers instead, unless latency counts more than quality: fewer layers are faster',
          }
        : undefined,
  ),
  'distillation-alone': eachStep(
    'distillation loss alone gave a lower loss than with the language-model loss added (2.107 against 2.117), and far lower than that loss alone',
    'Muralidharan et al. 2024, section 4.1, tables 14 and 15',
    (step) => {
      if (!step.losses.includes('language-model')) return undefined;
      const found = distils(step)
        ? 'the language-model loss is added to distillation'
        : 'there is no distillation loss';
      return { found, fix: 'Train on the divergence from the teacher alone' };
    },
  ),
  'deep-cut-needs-states': eachStep(
    'when many layers go, matching states inside the models helps beyond the logits (loss 2.141 against 2.155)',
    'Muralidharan et al. 2024, section 4.1 and table 17',
    (step) =>
      layerShare(step) >= DEEP && distils(step) && !step.losses.includes('intermediate')
        ? {
            found: `${percent(layerShare(step))} of the layers go, and the loss looks at logits only`,
            fix: 'Add the states of the last layers but one, and the embeddings',
          }
        : undefined,
  ),
  'shallow-cut-needs-logits-only': eachStep(
    'with most layers kept, intermediate states brought nothing (MMLU 58.0 with, 58.3 without) and cost memory and time',
    'Muralidharan et al. 2024, section 4.1 and table 18',
    (step) =>
      layerShare(step) < SHALLOW && step.losses.includes('intermediate')
        ? { found: 'losses on intermediate states, though most layers stay', fix: 'Leave the logits alone as the loss' }
        : undefined,
  ),
  'nearest-source': {
    reason:
      'a model pruned from the nearest larger one ends better than one from further away (MMLU 42.5 against 37.8)',
    source: 'Muralidharan et al. 2024, section 4.1 and table 14',
    judge({ steps, otherSources = [] }) {
      const [first] = steps;
      if (first === undefined) return [];
      const nearer = otherSources
        .filter(({ parameters }) => parameters >= first.to.parameters && parameters < first.from.parameters)
        .sort((a, b) => a.parameters - b.parameters)[0];
      if (nearer === undefined) return [];
      return [{ step: first.name, found: `${nearer.name} is nearer to the target`, fix: `Start from ${nearer.name}` }];
    },
  },
  'half-at-a-time': eachStep(
    'beyond half, a distilled model in between is the better source (a 4B from the 8B has MMLU 42.5, from the 15B 37.8)',
    'NVIDIA Model-Optimizer, pruning guide; Muralidharan et al. 2024, table 14',
    ({ from, to }) =>
      cutShare(from, to) > STEP + 0.005
        ? {
            found: `${percent(cutShare(from, to))} of the parameters go at once`,
            fix: 'Take two steps, each distilled',
          }
        : undefined,
  ),
  'one-cut-where-one-will-do': {
    reason:
      'cutting little by little, distilling in between, ended worse than one cut of the same size at the same cost',
    source: 'Muralidharan et al. 2024, figures 7 and 8',
    judge: ({ steps }) =>
      steps.slice(1).flatMap((step, index) => {
        const before = steps[index];
        if (before === undefined || cutShare(before.from, step.to) > STEP) return [];
        const found = `${before.name} and ${step.name} together take ${percent(cutShare(before.from, step.to))} away`;
        return [{ step: step.name, found, fix: 'Make them one step' }];
      }),
  },
  'train-before-ranking': eachStep(
    'the order of candidates changes for some 300 steps of retraining; right after pruning it says little',
    'Muralidharan et al. 2024, section 4.1 and figure 9',
    ({ candidates }) =>
      candidates !== undefined && candidates.count > 1 && !candidates.trained
        ? {
            found: `${candidates.count} candidates are ranked as they are pruned`,
            fix: 'Train each a little first: the search halving does',
          }
        : undefined,
  ),
  'last-phase': {
    reason:
      'a student of the last phase was better on less text (MMLU 61.9 against 54.7) than one taken through the phases again',
    source: 'Muralidharan et al. 2024, section 4.1 and table 20',
    judge: ({ steps, sourcePhase }) =>
      sourcePhase === 'earlier'
        ? [
            {
              ...(steps[0] === undefined ? {} : { step: steps[0].name }),
              found: 'the source is of an earlier training phase',
              fix: 'Prune the model of the last phase',
            },
          ]
        : [],
  },
  'correct-the-teacher': eachStep(
    "a teacher that does not know the text guides badly; training it on that text first lowered the student's loss by over 6%",
    'Sreenivas et al. 2024 on teacher correction',
    ({ textLikePretraining, teacherCorrected = false }) =>
      textLikePretraining === false && !teacherCorrected
        ? {
            found: 'the text differs from what the teacher was trained on',
            fix: 'Correct the teacher on it first, or let the teacher write it',
          }
        : undefined,
  ),
  'keep-the-heads': eachStep(
    'of the widths, attention heads are the dearest: keeping them and narrowing the rest gave the better models',
    'Sreenivas et al. 2024 on width pruning',
    ({ from, to }) =>
      to.heads < from.heads && from.parameters <= WIDTH_UP_TO
        ? { found: `heads go (${from.heads} to ${to.heads})`, fix: 'Keep all heads, and take more of hidden and ffn' }
        : undefined,
  ),
} as const satisfies Readonly<Record<string, Rule>>;

export type RuleName = keyof typeof rules;
