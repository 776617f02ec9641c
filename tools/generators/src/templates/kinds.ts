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
  /** Name of the exported strategy. */
  readonly exported: string;
  readonly source: string;
  readonly spec: string;
}

interface Template {
  /** Names that the source imports from `@espalier/core`. */
  readonly imports: readonly string[];
  /** Names that the source imports from `rxjs`. */
  readonly rxjs?: readonly string[];
  /** Suite of `@espalier/testing`. */
  readonly suite: string;
  /** What the strategy is, one line for its file's head. */
  readonly head: string;
  /** Docstring, and what `create` gives. */
  readonly doc: string;
  readonly members: string; // of an object; an expression where it begins with (
}

const templates: { readonly [Own in Kind]: Template } = {
  scorer: {
    imports: ['layerStatistics', 'layerSums', 'multiply'],
    suite: 'describeScorer',
    head: 'Importance of neurons',
    doc: 'Score of a neuron = √Σx² of its activation x over all valid tokens (say where the formula is from).',
    members: `  observe: (architecture) => layerSums('NAME', 'ffnActivation', architecture, (x) => multiply(x, x)),
  score: ({ statistics, architecture: { layers } }) => ({
    ffn: layerStatistics(statistics, 'NAME', layers).map((sums) => Array.from(sums, Math.sqrt)),
  }),`,
  },
  loss: {
    imports: ['multiply', 'rowMean', 'subtract', 'sum'],
    suite: 'describeLoss',
    head: 'A loss that compares logits',
    doc: 'Σ_v (z_student − z_teacher)², mean over valid tokens (say where the formula is from).',
    members: `  needsTeacher: true,
  loss(student, teacher, batch) {
    const difference = subtract(student.logits, teacher.logits); // [N, V]
    return rowMean(sum(multiply(difference, difference), [-1]), batch.weights);
  },`,
  },
  balancer: {
    imports: ['InputError', 'multiply', 'weightedSum'],
    suite: 'describeBalancer',
    head: 'How loss terms become one number',
    doc: 'Mean of weight · term over the terms.',
    members: `  total(terms) {
    const total = weightedSum(terms);
    if (total !== undefined) return multiply(total, 1 / terms.length);
    throw new InputError({ asked: 'balance losses by "NAME"', found: 'there is no term', fix: 'Give at least one' });
  },`,
  },
  mapping: {
    imports: [],
    suite: 'describeMapping',
    head: 'Which layers are compared',
    doc: 'The last layer of the student with the last of the teacher.',
    members: `  pairs: (student, teacher) => [{ student: student - 1, teacher: teacher - 1 }], // 0-based`,
  },
  pruner: {
    imports: ['fullPlan', 'keepBest', 'InputError'],
    suite: 'describePruner',
    head: 'Which layers stay',
    doc: 'Keeps the layers of highest score; the widths stay.',
    members: `  plan(architecture, scores, target) {
    if (scores.layers === undefined) {
      throw new InputError({ asked: 'prune layers', found: 'there are no scores of layers', fix: 'Add the scorer block-influence' });
    }
    return { ...fullPlan({ ...architecture, layers: target.layers }), layers: keepBest(scores.layers, target.layers) };
  },`,
  },
  search: {
    imports: ['InputError'],
    suite: 'describeSearch',
    head: 'The shape of the student',
    doc: 'The widest feed-forward size within the budget; everything else stays.',
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
    imports: [],
    suite: 'describeSchedule',
    head: 'Learning rate by step',
    doc: 'Falls from 1e-3 in proportion to 1/√(step + 1).',
    members: `(step) => 1e-3 / Math.sqrt(step + 1)`,
  },
  optimizer: {
    imports: ['add', 'multiply', 'subtract'],
    suite: 'describeOptimizer',
    head: 'A parameter update',
    doc: 'Gradient descent with momentum 0.9: m ← 0.9·m + g, w ← w − lr·m.',
    members: `  moments: ['momentum'],
  scalars: (_step, learningRate) => ({ rate: learningRate }),
  update({ parameter, gradient, moments: { momentum }, scalars: { rate } }) {
    if (momentum === undefined || rate === undefined) throw new RangeError('NAME: momentum or rate is missing');
    const next = add(multiply(momentum, 0.9), gradient);
    return { parameter: subtract(parameter, multiply(next, rate)), moments: { momentum: next } };
  },`,
  },
  evaluator: {
    imports: [],
    suite: 'describeEvaluator',
    head: 'A measurement of a model',
    doc: 'Largest absolute value among the weights of the embedding table.',
    members: `  async evaluate({ model }) {
    const values = await model.weights.read('model.embed_tokens.weight');
    return { largest: values.reduce((most, own) => Math.max(most, Math.abs(own)), 0) };
  },`,
  },
  exporter: {
    imports: ['checkSaveTarget', 'exportModel'],
    suite: 'describeExporter',
    head: 'A form in which a model leaves the pipeline',
    doc: 'A Hugging Face model folder whose weights are cut into files of 1 GB.',
    members: `  reloads: true,
  async check(path, { overwrite }) {
    await checkSaveTarget(path, overwrite);
  },
  async export(model, path, { overwrite }) {
    await exportModel(model, path, { overwrite, maxShardBytes: 1e9 });
  },`,
  },
  data: {
    imports: ['encodeTrainingDocument', 'openStream', 'type Random'],
    suite: 'describeDataSource',
    head: 'Where text comes from',
    doc: 'Endless lines of counting, from a seeded start.',
    members: `  layout: 'packed',
  open(context) {
    function* lines(random: Random): Generator<readonly number[]> {
      for (let index = 0; ; index++) {
        yield encodeTrainingDocument(context.teacher.tokenizer, String(random.fork(index).integer(1000)));
      }
    }
    return Promise.resolve(openStream(lines, context));
  },`,
  },
  subscriber: {
    imports: [],
    rxjs: ['tap'],
    suite: 'describeSubscriber',
    head: 'A listener to the stream of events',
    doc: 'Prints the loss of every tenth step to the standard error stream.',
    members: `  listen: (events) =>
    events.pipe(
      tap((event) => {
        if (event.type !== 'metric' || event.name !== 'loss' || event.step % 10 !== 0) return;
        process.stderr.write(\`NAME: step \${event.step} loss \${event.value.toFixed(4)}\\n\`);
      }),
    ),`,
  },
};

/** Source and test of a strategy; `from` is where the test finds the source, e.g. `./my-scorer.js`. */
export function generateStrategy(kind: Kind, name: string, from = `./${name}.js`): Generated {
  const { imports, rxjs = [], suite, head, doc, members } = templates[kind];
  const exported = camelCase(name);
  const made = members.startsWith('(') ? members : `({\n${members.replace(/^(?=.)/gm, '  ')}\n  })`;
  const source = `// ${head}: what it is, in a line or two, and what it leaves to others.
import { ${[...imports, 'strategy'].join(', ')} } from '@espalier/core';
${rxjs.length === 0 ? '' : `import { ${rxjs.join(', ')} } from 'rxjs';\n`}
/** ${doc} */
export const ${exported} = strategy('${kind}', {
  name: '${name}',
  summary: '${doc.replace(/ \(say.*/, '').replace(/\.$/, '')}',
  create: () => ${made.replaceAll('NAME', name)},
});
`;
  const spec = `// ${exported} passes the suite that every ${kind} must pass. Add what only yours promises.
import { ${suite} } from '@espalier/testing';
import { ${exported} } from '${from}';

${suite}(${exported}());
`;
  return { exported, source, spec };
}
