// `espalier pretrain`: a model from random weights, by a recipe that is kept beside it.
import { fileURLToPath } from 'node:url';
import {
  checkReload,
  checkSaveTarget,
  createStrategy,
  evaluate,
  exportModel,
  initialise,
  InputError,
  modelParameters,
  openTokenizer,
  Pipeline,
  readSmallText,
  sourceBatches,
  stage,
  trainModel,
  type Architecture,
  type Model,
  type TextCodec,
} from '@espalier/core';
import { tinyTalesAssets } from '@espalier/plugins';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import {
  createWorkbench,
  hubAccess,
  openRunData,
  plainYaml,
  RECIPE_LIMIT,
  startBackend,
  yamlOptions,
} from '@espalier/run';
import { printJson, printLines, say } from '../terminal/print.js';
import { createProgress } from '../show/progress.js';
import { textOf } from './run-flags.js';

const schema = z.object({
  recipe: z.string(),
  out: z.string(),
  overwrite: z.boolean(),
  threads: z.number().optional(),
  backend: z.string().default('ort'),
  json: z.boolean(),
});

const count = z
  .int()
  .positive()
  .max(2 ** 31 - 1);
const recipeSchema = z.strictObject({
  /** config.json of the model, in Hugging Face's spelling. */
  config: z.record(z.string(), z.json()),
  /** Folder with tokenizer.json; the TinyTales one when not given. */
  tokenizer: z.string().optional(),
  data: z.string(),
  split: z.enum(['lines', 'whole']).default('lines'),
  field: z.string().default('text'),
  tokens: z.int().positive().max(1e15),
  length: count,
  batch: count,
  learningRate: z.number().positive(),
  minimumLearningRate: z.number().nonnegative().optional(),
  warmup: z.int().nonnegative().default(0),
  weightDecay: z.number().nonnegative().default(0.1),
  precision: z.enum(['float32', 'float16']).default('float32'),
  storage: z.enum(['F32', 'F16', 'BF16']).default('F32'),
  seed: z.int().default(1),
});

type Recipe = z.infer<typeof recipeSchema>;

/** Runs the verb with the flags that commander has parsed. */
export async function pretrainCommand(given: unknown, signal: AbortSignal): Promise<void> {
  const { recipe: path, out, overwrite, threads, backend, json } = schema.parse(given);
  const recipe = await readRecipe(path);
  await checkSaveTarget(out, overwrite);
  const bench = createWorkbench({ seed: recipe.seed, threads, backend });
  await startBackend(bench.context.backend);
  const { container, context, families } = bench;
  const folder = recipe.tokenizer ?? fileURLToPath(tinyTalesAssets);
  const tokenizer = await openTokenizer(folder);
  const family = families.find(({ modelTypes }) => modelTypes.some((type) => type === recipe.config['model_type']));
  if (family === undefined) {
    const found = `its config has model_type ${JSON.stringify(recipe.config['model_type'])}`;
    const fix = `Known are ${families.flatMap(({ modelTypes }) => modelTypes).join(', ')}`;
    throw new InputError({ asked: `pretrain by recipe "${path}"`, found, fix });
  }
  const architecture = family.readConfig(recipe.config);
  checkRecipe(path, recipe, architecture, tokenizer);
  const storageTypes = new Map(family.weights(architecture).map(({ name }) => [name, recipe.storage] as const));
  const weights = { read: (name: string) => Promise.reject(new Error(`${name} has no value yet`)) };
  const blank: Model = { family, architecture, config: recipe.config, weights, tokenizer, folder, storageTypes };
  const size = { batch: recipe.batch, length: recipe.length };
  const { source, cloze, notice, ...data } = await openRunData(
    {
      data: textOf(recipe.data, recipe.split, recipe.field),
      seed: recipe.seed,
      length: recipe.length,
    },
    { bench, hub: await hubAccess(process.env, say), teacher: blank },
  );
  if (notice !== undefined) say(notice);
  const documents = await data.validation();
  const progress = createProgress();
  const { minimumLearningRate: minimum, learningRate: peak, warmup, weightDecay } = recipe;
  const pretrain = stage('pretrain', async (teacher: Model, own, tools) => {
    return trainModel(
      initialise(teacher, own.random.fork('weights')),
      undefined,
      {
        losses: [{ term: createStrategy(container, 'loss', 'cross-entropy'), weight: 1 }],
        optimizer: createStrategy(container, 'optimizer', 'adamw', { weightDecay }),
        schedule: createStrategy(container, 'schedule', 'cosine', {
          peak,
          warmup,
          ...(minimum === undefined ? {} : { minimum }),
        }),
        tokens: recipe.tokens,
        precision: recipe.precision,
        ...size,
        data: sourceBatches(source, data.documents('pretraining'), size),
      },
      own,
      tools,
    );
  });
  try {
    const { model, record } = await Pipeline.of(blank, context, 'pretrain').pipe(pretrain).run(progress.show, signal);
    const evaluators = ['perplexity', 'cloze'].map((own) => createStrategy(container, 'evaluator', own));
    const text = { documents, items: cloze, contextLength: recipe.length + 1 };
    const { evaluation } = await Pipeline.of({ student: model }, context, 'pretrain')
      .pipe(evaluate(evaluators, text))
      .run(progress.show, signal);
    signal.throwIfAborted();
    await exportModel(model, out, { overwrite, storage: recipe.storage });
    await checkReload(model, out, { size: { batch: 2, length: Math.min(64, recipe.length) }, context, families });
    progress.stop();
    const result = { out, ...modelParameters(model), training: record, evaluation };
    if (json) printJson(result);
    else printLines(`${out}: ${JSON.stringify(result.evaluation)}`);
  } finally {
    progress.stop();
  }
}

/** What would fail only after the training, or train on something else than was meant, is refused before it. */
function checkRecipe(path: string, { data, length }: Recipe, architecture: Architecture, tokenizer: TextCodec): void {
  const asked = `pretrain by recipe "${path}"`;
  if (data === 'teacher') {
    const fix = 'Give a text file or tinytales';
    throw new InputError({ asked, found: 'its data is "teacher", and there is no teacher to write text', fix });
  }
  if (length > architecture.contextLength) {
    const found = `its length is ${length}, and the context of its config is ${architecture.contextLength} tokens`;
    throw new InputError({ asked, found, fix: 'Give a length within max_position_embeddings' });
  }
  if (tokenizer.vocabularySize > architecture.sizes.vocab) {
    const found = `the tokenizer has ${tokenizer.vocabularySize} tokens, and vocab_size is ${architecture.sizes.vocab}`;
    throw new InputError({ asked, found, fix: `Set vocab_size to ${tokenizer.vocabularySize} or more` });
  }
}

async function readRecipe(path: string): Promise<Recipe> {
  const asked = `read recipe "${path}"`;
  const fail = (found: string, cause: unknown): InputError =>
    new InputError({ asked, found, fix: 'Correct the recipe' }, { cause });
  const read = plainYaml(parseDocument(await readSmallText(path, asked, RECIPE_LIMIT), yamlOptions));
  if ('problem' in read) throw fail(read.problem.found, undefined);
  const parsed = recipeSchema.safeParse(read.value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw fail(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not valid'}`, parsed.error);
}
