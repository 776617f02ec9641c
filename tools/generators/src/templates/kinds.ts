// What is generated for each kind of strategy: a small one that works, and the suite that tests it. NAME, EXPORTED and MODEL_TYPE are
// filled in by strategy.ts.
/** Kinds that can be generated: all there are. */
export const kinds = [
  'family',
  'data',
  'scorer',
  'search',
  'pruner',
  'transform',
  'loss',
  'balancer',
  'mapping',
  'optimizer',
  'schedule',
  'stop',
  'evaluator',
  'exporter',
  'subscriber',
  'backend',
] as const;
export type Kind = (typeof kinds)[number];

/** What differs from kind to kind. */
export interface Template {
  /** Names that the source imports from `@espalier/core`. */
  readonly imports: readonly string[];
  /** Names that it imports from other packages and entry points. */
  readonly others?: Readonly<Record<string, readonly string[]>>;
  /** Suite of `@espalier/testing`, and what it is given; the strategy alone when not given. */
  readonly suite: string;
  readonly given?: string;
  /** A test in place of a suite. */
  readonly test?: string;
  /** What the strategy is, one line for its file's head. */
  readonly head: string;
  /** Docstring, and what `create` gives. */
  readonly doc: string;
  readonly members: string; // of an object; an expression where it begins with (
  /** What declares it, where `strategy` is called by another function. */
  readonly by?: string;
}

export const templates: { readonly [Own in Kind]: Template } = {
  family: {
    imports: [],
    others: { '@espalier/plugins': ['decoderConfig', 'decoderFamily'], zod: ['z'] },
    suite: 'describeFamily',
    given: `EXPORTED(), {
  model_type: 'MODEL_TYPE',
  vocab_size: 40,
  hidden_size: 16,
  intermediate_size: 24,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  head_dim: 4,
  max_position_embeddings: 64,
}`,
    head: 'A model family',
    doc: 'RMSNorm, rotary grouped-query attention, SwiGLU (say which papers and checkpoints).',
    by: 'decoderFamily',
    members: `  title: 'EXPORTED',
  config: decoderConfig.extend({
    model_type: z.literal('MODEL_TYPE'),
    rms_norm_eps: z.number().positive().default(1e-6),
    hidden_act: z.literal('silu').default('silu'),
  }),
  architecture: (config) => ({ normEpsilon: config.rms_norm_eps, biases: [] }),`,
  },
  scorer: {
    imports: ['layerStatistics', 'layerSums'],
    others: { '@espalier/core/graph': ['multiply'] },
    suite: 'describeScorer',
    head: 'Importance of neurons',
    doc: 'Score of a neuron = √Σx² of its activation x over all valid tokens (say where the formula is from).',
    members: `  observe: (architecture) => layerSums('NAME', 'ffnActivation', architecture, (x) => multiply(x, x)),
  score: ({ statistics, architecture: { layers } }) => ({
    ffn: layerStatistics(statistics, 'NAME', layers).map((sums) => Array.from(sums, Math.sqrt)),
  }),`,
  },
  loss: {
    imports: ['rowMean'],
    others: { '@espalier/core/graph': ['multiply', 'subtract', 'sum'] },
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
    imports: ['InputError', 'weightedSum'],
    others: { '@espalier/core/graph': ['multiply'] },
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
    imports: [],
    others: { '@espalier/core/graph': ['add', 'multiply', 'subtract'] },
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
    others: { rxjs: ['tap'] },
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
  transform: {
    imports: [],
    suite: 'tinyModel',
    test: `test('rounds weights, and leaves the model that it is given as it was', async () => {
  const model = tinyModel();
  const context = { backend: referenceBackend(), random: random(1) };
  const tools = { report: () => undefined, signal: new AbortController().signal };
  const before = [...(await model.weights.read('model.embed_tokens.weight'))];
  const rounded = await EXPORTED().apply(model, context, tools);
  expect([...(await rounded.weights.read('model.embed_tokens.weight'))]).toEqual(
    before.map((own) => Math.round(own * 256) / 256),
  );
  expect([...(await model.weights.read('model.embed_tokens.weight'))]).toEqual(before);
});`,
    head: 'What is done to a model between stages',
    doc: 'Rounds every weight to a multiple of 1/256.',
    members: `  apply(model) {
    const read = async (name: string): Promise<Float32Array> =>
      (await model.weights.read(name)).map((own) => Math.round(own * 256) / 256);
    return Promise.resolve({ ...model, weights: { read } });
  },`,
  },
  stop: {
    imports: [],
    others: { rxjs: ['filter'] },
    suite: 'describeStop',
    head: 'When a training has learnt enough',
    doc: 'Ends a training whose validation loss is below 1 nat per token.',
    members: `  when: (metrics) => metrics.pipe(filter(({ name, value }) => name === 'validation/loss' && value < 1)),`,
  },
  backend: {
    imports: [],
    others: { '@espalier/core/graph': ['referenceBackend'] },
    suite: 'describeBackend',
    given: `'NAME', () => EXPORTED(), {
  // The reference is too slow for thousands of runs; take this out once there are kernels.
  only: ({ title }) => title !== 'memory',
}`,
    head: 'What runs programs',
    doc: 'Runs programs by the reference evaluator; put functions of your own in place of its own, one by one.',
    members: `({ ...referenceBackend() })`,
  },
};
