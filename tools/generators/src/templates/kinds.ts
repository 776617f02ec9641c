// What is generated for each kind of strategy: a small one that works, and a test by the kind's conformance suite.
import { camelCase } from '../names.js';

/** Kinds that can be generated. */
export const kinds = [
  'scorer',
  'loss',
  'balancer',
  'mapping',
  'pruner',
  'search',
  'schedule',
  'optimizer',
  'evaluator',
  'exporter',
  'data',
  'subscriber',
] as const;
export type Kind = (typeof kinds)[number];

/** A strategy as source text. */
export interface Generated {
  /** Helper of `@espalier/core` that makes it a part of a plugin. */
  readonly helper: string;
  /** Name of the exported strategy. */
  readonly exported: string;
  readonly source: string;
  readonly spec: string;
}

interface Template {
  readonly helper: string;
  /** Names that the source imports from `@espalier/core`. */
  readonly imports: readonly string[];
  /** Suite of `@espalier/core/testing`. */
  readonly suite: string;
  /** What the strategy is, one line for its file's head. */
  readonly head: string;
  /** Docstring and members. */
  readonly doc: string;
  readonly type: string;
  readonly members: string;
}

const templates: { readonly [Own in Kind]: Template } = {
  scorer: {
    helper: 'scorer',
    imports: ['layerStatistics', 'layerSums', 'multiply', 'type ImportanceScorer'],
    suite: 'describeScorer',
    head: 'Importance of neurons',
    doc: 'Score of a neuron = √Σx² of its activation x over all valid tokens (say where the formula is from).',
    type: 'ImportanceScorer',
    members: `  observe: (architecture) => layerSums('NAME', 'ffnActivation', architecture, (x) => multiply(x, x)),
  score: ({ statistics, architecture: { layers } }) => ({
    ffn: layerStatistics(statistics, 'NAME', layers).map((sums) => Array.from(sums, Math.sqrt)),
  }),`,
  },
  loss: {
    helper: 'lossTerm',
    imports: ['multiply', 'rowMean', 'subtract', 'sum', 'type DistillationLoss'],
    suite: 'describeLoss',
    head: 'A loss that compares logits',
    doc: 'Σ_v (z_student − z_teacher)², mean over valid tokens (say where the formula is from).',
    type: 'DistillationLoss',
    members: `  needsTeacher: true,
  loss(student, teacher, batch) {
    const difference = subtract(student.logits, teacher.logits); // [N, V]
    return rowMean(sum(multiply(difference, difference), [-1]), batch.weights);
  },`,
  },
  balancer: {
    helper: 'lossBalancer',
    imports: ['InputError', 'multiply', 'weightedSum', 'type LossBalancer'],
    suite: 'describeBalancer',
    head: 'How loss terms become one number',
    doc: 'Mean of weight · term over the terms.',
    type: 'LossBalancer',
    members: `  total(terms) {
    const total = weightedSum(terms);
    if (total !== undefined) return multiply(total, 1 / terms.length);
    throw new InputError({ asked: 'balance losses by "NAME"', found: 'there is no term', fix: 'Give at least one' });
  },`,
  },
  mapping: {
    helper: 'layerMapping',
    imports: ['type LayerMapping'],
    suite: 'describeMapping',
    head: 'Which layers are compared',
    doc: 'The last layer of the student with the last of the teacher.',
    type: 'LayerMapping',
    members: `  pairs: (student, teacher) => [{ student: student - 1, teacher: teacher - 1 }], // 0-based`,
  },
  pruner: {
    helper: 'pruner',
    imports: ['fullPlan', 'keepBest', 'InputError', 'type Pruner'],
    suite: 'describePruner',
    head: 'Which layers stay',
    doc: 'Keeps the layers of highest score; the widths stay.',
    type: 'Pruner',
    members: `  plan(architecture, scores, target) {
    if (scores.layers === undefined) {
      throw new InputError({ asked: 'prune layers', found: 'there are no scores of layers', fix: 'Add the scorer block-influence' });
    }
    return { ...fullPlan({ ...architecture, layers: target.layers }), layers: keepBest(scores.layers, target.layers) };
  },`,
  },
  search: {
    helper: 'searchStrategy',
    imports: ['InputError', 'type ShapeSearch'],
    suite: 'describeSearch',
    head: 'The shape of the student',
    doc: 'The widest feed-forward size within the budget; everything else stays.',
    type: 'ShapeSearch',
    members: `  choose({ architecture }, { most, cost, describe }) {
    const { sizes } = architecture;
    for (let { ffn } = sizes; ffn > 0; ffn--) {
      const narrower = { ...architecture, sizes: { ...sizes, ffn } };
      if (cost(narrower) <= most) return narrower;
    }
    throw new InputError({ asked: \`prune to \${describe(most)}\`, found: 'no feed-forward size is small enough', fix: 'Give a larger target' });
  },`,
  },
  schedule: {
    helper: 'schedule',
    imports: ['type Schedule'],
    suite: 'describeSchedule',
    head: 'Learning rate by step',
    doc: 'Falls from 1e-3 in proportion to 1/√(step + 1).',
    type: 'Schedule',
    members: `  rate: (step) => 1e-3 / Math.sqrt(step + 1),`,
  },
  optimizer: {
    helper: 'optimizer',
    imports: ['add', 'multiply', 'subtract', 'type Optimizer'],
    suite: 'describeOptimizer',
    head: 'A parameter update',
    doc: 'Gradient descent with momentum 0.9: m ← 0.9·m + g, w ← w − lr·m.',
    type: 'Optimizer',
    members: `  moments: ['momentum'],
  scalars: (_step, learningRate) => ({ rate: learningRate }),
  update({ parameter, gradient, moments: { momentum }, scalars: { rate } }) {
    if (momentum === undefined || rate === undefined) throw new RangeError('NAME: momentum or rate is missing');
    const next = add(multiply(momentum, 0.9), gradient);
    return { parameter: subtract(parameter, multiply(next, rate)), moments: { momentum: next } };
  },`,
  },
  evaluator: {
    helper: 'evaluator',
    imports: ['type Evaluator'],
    suite: 'describeEvaluator',
    head: 'A measurement of a model',
    doc: 'Largest absolute value among the weights of the embedding table.',
    type: 'Evaluator',
    members: `  async evaluate({ model }) {
    const values = await model.weights.read('model.embed_tokens.weight');
    return { largest: values.reduce((most, own) => Math.max(most, Math.abs(own)), 0) };
  },`,
  },
  exporter: {
    helper: 'exporter',
    imports: ['checkSaveTarget', 'exportModel', 'type Exporter'],
    suite: 'describeExporter',
    head: 'A form in which a model leaves the pipeline',
    doc: 'A Hugging Face model folder whose weights are cut into files of 1 GB.',
    type: 'Exporter',
    members: `  reloads: true,
  async check(path, { overwrite }) {
    await checkSaveTarget(path, overwrite);
  },
  async export(model, path, { overwrite }) {
    await exportModel(model, path, { overwrite, maxShardBytes: 1e9 });
  },`,
  },
  data: {
    helper: 'dataSource',
    imports: ['encodeDocument', 'openStream', 'type DataSource', 'type Random'],
    suite: 'describeDataSource',
    head: 'Where text comes from',
    doc: 'Endless lines of counting, from a seeded start.',
    type: 'DataSource',
    members: `  layout: 'packed',
  open(context) {
    function* lines(random: Random): Generator<readonly number[]> {
      for (let index = 0; ; index++) {
        yield encodeDocument(context.teacher.tokenizer, String(random.fork(index).integer(1000)));
      }
    }
    return Promise.resolve(openStream(lines, context));
  },`,
  },
  subscriber: {
    helper: 'subscriber',
    imports: ['type Subscriber'],
    suite: 'describeSubscriber',
    head: 'A listener to the stream of events',
    doc: 'Prints the loss of every tenth step to the standard error stream.',
    type: 'Subscriber',
    members: `  subscribe: (events) =>
    events.subscribe((event) => {
      if (event.type !== 'metric' || event.name !== 'loss' || event.step % 10 !== 0) return;
      process.stderr.write(\`NAME: step \${event.step} loss \${event.value.toFixed(4)}\\n\`);
    }),`,
  },
};

/** Source and test of a strategy; `from` is where the test finds the source, e.g. `./my-scorer.js`. */
export function generateStrategy(kind: Kind, name: string, from = `./${name}.js`): Generated {
  const { helper, imports, suite, head, doc, type, members } = templates[kind];
  const exported = camelCase(name);
  const source = `// ${head}: what it is, in a line or two, and what it leaves to others.
import { ${imports.join(', ')} } from '@espalier/core';

/** ${doc} */
export const ${exported}: ${type} = {
  name: '${name}',
  summary: '${doc.replace(/ \(say.*/, '').replace(/\.$/, '')}',
${members.replaceAll('NAME', name)}
};
`;
  const spec = `// ${exported} passes the suite that every ${kind} must pass. Add what only yours promises.
import { ${suite} } from '@espalier/core/testing';
import { ${exported} } from '${from}';

${suite}(${exported});
`;
  return { helper, exported, source, spec };
}
