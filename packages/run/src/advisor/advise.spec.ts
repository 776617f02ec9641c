// Every rule on a plan that breaks it and on one that just does not.
import { expect, test } from 'vitest';
import { advise, describeAdvice } from './advise.js';
import type { PlanFacts, ShapeFacts, StepFacts } from './facts.js';
import type { RuleName } from './rules.js';

const large: ShapeFacts = { parameters: 8e9, layers: 32, hidden: 4096, ffn: 14336, heads: 32 };
const narrow: ShapeFacts = { ...large, parameters: 4.5e9, hidden: 3072, ffn: 9216 };
const shallow: ShapeFacts = { ...large, parameters: 4.5e9, layers: 16 };
/** Follows every practice. */
const good: StepFacts = { name: 'step', from: large, to: narrow, losses: ['logits'] };

const plan = (step: Partial<StepFacts>, rest: Omit<PlanFacts, 'steps'> = {}): PlanFacts => ({
  steps: [{ ...good, ...step }],
  ...rest,
});
const names = (facts: PlanFacts): readonly string[] => advise(facts).map(({ rule }) => rule);
const huge = { ...large, parameters: 70e9 };

/** Against and in line with each rule; a total record, so that a new rule owes both. */
const cases: { readonly [Name in RuleName]: { readonly against: PlanFacts; readonly inLine: PlanFacts } } = {
  'train-only-the-largest': { against: plan({ start: 'random' }), inLine: plan({ start: 'pruned' }) },
  'width-by-l2-of-means': {
    against: plan({ aggregation: { batch: 'mean', sequence: 'mean' } }),
    inLine: plan({ aggregation: { batch: 'l2', sequence: 'mean' } }),
  },
  'depth-by-effect': {
    against: plan({ to: shallow, layerScorer: 'magnitude' }),
    inLine: plan({ to: shallow, layerScorer: 'block-influence' }),
  },
  'importance-once': { against: plan({ importanceRounds: 4 }), inLine: plan({ importanceRounds: 1 }) },
  'width-before-depth': {
    against: plan({ to: shallow }),
    inLine: plan({ from: huge, to: { ...shallow, parameters: 36e9 } }),
  },
  'distillation-alone': {
    against: plan({ losses: ['logits', 'language-model'] }),
    inLine: plan({ losses: ['logits'] }),
  },
  'deep-cut-needs-states': {
    against: plan({ to: shallow, losses: ['logits'] }),
    inLine: plan({ to: shallow, losses: ['logits', 'intermediate'] }),
  },
  'shallow-cut-needs-logits-only': {
    against: plan({ to: { ...narrow, layers: 28 }, losses: ['logits', 'intermediate'] }),
    inLine: plan({ to: { ...narrow, layers: 28 }, losses: ['logits'] }),
  },
  'nearest-source': {
    against: plan({}, { otherSources: [{ name: '6B', parameters: 6e9 }] }),
    inLine: plan(
      {},
      {
        otherSources: [
          { name: '3B', parameters: 3e9 },
          { name: '15B', parameters: 15e9 },
        ],
      },
    ),
  },
  'half-at-a-time': {
    against: plan({ to: { ...narrow, parameters: 3.9e9 } }),
    inLine: plan({ to: { ...narrow, parameters: 4e9 } }),
  },
  'one-cut-where-one-will-do': {
    against: {
      steps: [
        { ...good, to: { ...narrow, parameters: 6e9 } },
        { ...good, name: 'second', from: { ...narrow, parameters: 6e9 } },
      ],
    },
    inLine: { steps: [good, { ...good, name: 'second', from: narrow, to: { ...narrow, parameters: 2.5e9 } }] },
  },
  'train-before-ranking': {
    against: plan({ candidates: { count: 12, trained: false } }),
    inLine: plan({ candidates: { count: 12, trained: true } }),
  },
  'last-phase': { against: plan({}, { sourcePhase: 'earlier' }), inLine: plan({}, { sourcePhase: 'last' }) },
  'correct-the-teacher': {
    against: plan({ textLikePretraining: false }),
    inLine: plan({ textLikePretraining: false, teacherCorrected: true }),
  },
  'keep-the-heads': {
    against: plan({ to: { ...narrow, heads: 24 } }),
    inLine: plan({ from: huge, to: { ...narrow, parameters: 36e9, heads: 24 } }),
  },
};

test('a plan that follows the practice gets no advice', () => {
  expect(advise(plan({}))).toEqual([]);
  expect(advise({ steps: [] })).toEqual([]);
});

test.each(Object.entries(cases))('%s', (rule, { against, inLine }) => {
  expect(names(against)).toContain(rule);
  expect(names(inLine)).not.toContain(rule);
});

test.each<[string, PlanFacts, RuleName]>([
  ['no distillation at all', plan({ losses: ['language-model'] }), 'distillation-alone'],
  ['a cut of a third', plan({ to: { ...shallow, layers: 21 } }), 'deep-cut-needs-states'],
  ['one candidate', plan({ candidates: { count: 1, trained: false } }), 'train-before-ranking'],
])('%s', (what, facts, rule) => {
  expect(names(facts).includes(rule)).toBe(what !== 'one candidate');
});

test('what is not known is not judged', () => {
  const unknown = plan({ to: { ...narrow, layers: 20 } });
  const judged: readonly RuleName[] = [
    'depth-by-effect',
    'width-by-l2-of-means',
    'correct-the-teacher',
    'train-before-ranking',
  ];
  for (const rule of judged) expect(names(unknown)).not.toContain(rule);
});

test('advice names step, observation, reason, source and cure', () => {
  const [advice] = advise(plan({ name: '4B', to: { ...narrow, heads: 24 } }));
  expect(advice).toMatchObject({ rule: 'keep-the-heads', step: '4B' });
  expect(advice && describeAdvice(advice)).toBe(
    '4B: heads go (32 to 24); of the widths, attention heads are the dearest: keeping them and narrowing the rest gave the ' +
      'better models (Sreenivas et al. 2024 on width pruning). Keep all heads, and take more of hidden and ffn.',
  );
});
