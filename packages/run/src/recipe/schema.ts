// What a recipe is, as one zod schema: types, defaults, and the JSON Schema for editors all come from here. A step is core's
// own; this adds where text comes from, what is measured, and where results go.
import { z } from 'zod';
import { namedStrategy } from '../steps/named-strategy.js';
import { like } from '../steps/like.js';
import { pretrainingSchema } from '../steps/pretraining.js';
import { compressionStep } from '../steps/step-schema.js';
import { backendOf } from './backend-name.js';
import { dataSchema, textsSchema } from './data-schema.js';
import { nameProblem, stepProblem } from './names.js';

const count = z.int().positive();
const text = z.string().min(1);

const evaluationSchema = z.strictObject({
  data: dataSchema
    .optional()
    .describe('A part of the training text is held back when not given')
    .meta(like('held-out.txt')),
  allowOverlap: z
    .boolean()
    .default(false)
    .describe('Evaluate on documents that are trained on as well; refused otherwise'),
  evaluators: z
    .array(namedStrategy)
    .min(1)
    .prefault(['perplexity', 'cloze', 'throughput'])
    .describe(
      'What models are measured by, in the order of the table; one that has nothing to measure on this text is left out',
    ),
  teacher: z
    .boolean()
    .default(true)
    .describe('Whether the first model of all is measured too; without, a student is compared with nothing'),
  maxTokens: count
    .optional()
    .describe('First tokens of each document that are looked at; one more than the length when not given')
    .meta(like(257)),
});

const checkpointsSchema = z.strictObject({
  everySteps: count
    .optional()
    .describe('Steps from one checkpoint to the next; by time when not given')
    .meta(like(1000)),
  everyMinutes: z.number().positive().default(5).describe('Minutes from one checkpoint to the next'),
  keepLast: z
    .boolean()
    .default(true)
    .describe(
      'Whether the last checkpoint of the last training stays, so that a complete run can be continued for more tokens; with AdamW 12 bytes for each parameter that is trained',
    ),
  keep: count.default(2).describe('Newest checkpoints that are kept; the one of least loss is kept beside them'),
});

/** What the distilled student is compared with: retraining by the ordinary loss, and random weights of the same shape. */
export const comparison = z.enum(['lm-loss', 'scratch']);
export type Comparison = z.infer<typeof comparison>;

const stepSchema = compressionStep.extend({
  from: z
    .enum(['previous', 'model'])
    .default('previous')
    .describe('What is pruned: the student of the step before, or the first model of all'),
  compare: z.array(comparison).default([]).describe('What else the pruned shape is trained by, at equal tokens'),
});

const exportSchema = z.strictObject({
  folder: text.describe('Where the model goes').meta(like('./smaller-model')),
  step: text.optional().describe('Whose student, by the name of its step; the last when not given').meta(like('half')),
  overwrite: z.boolean().default(false).describe('Replace a model that is there'),
  check: z
    .boolean()
    .default(true)
    .describe('Whether the folder is loaded again and its logits are compared with those of the model in memory'),
  exporter: namedStrategy.prefault('safetensors').describe('In which form; a Hugging Face folder when not given'),
});

const recipeObject = z.strictObject({
  $schema: z.string().optional().describe('Of editors; ignored'),
  extends: z
    .union([text.transform((own) => [own]), z.array(text)])
    .optional()
    .describe('Recipes whose entries hold where this one says nothing: paths, or names of bundled ones')
    .meta(like('minitron')),
  name: z
    .string()
    .regex(/^[\w.-]+$/, 'letters, digits, ".", "-" and "_" only')
    .check(({ value, issues }) => {
      const message = nameProblem(value);
      if (message !== undefined) issues.push({ code: 'custom', input: value, message });
    })
    .default('run')
    .describe('Also the name of its run folder'),
  description: z.string().optional().describe('For people; `espalier recipes` shows it').meta(like('half of my llama')),
  model: text
    .optional()
    .describe('Hugging Face folder, hub id (OWNER/NAME), or "tinytales" for the bundled one; or else pretraining')
    .meta(like('my-llama')),
  revision: text.optional().describe('Branch, tag or commit of a model of the hub').meta(like('main')),
  seed: z.int().default(1).describe('Of every random choice'),
  backend: z
    .union([text.transform((own) => backendOf(own)), namedStrategy])
    .prefault('ort')
    .describe('What runs the programs: ort, tfjs, or with a device: ort:webgpu, tfjs:wasm'),
  plugins: z.array(text).default([]).describe('Packages by name, or files by path, whose strategies may be named'),
  subscribers: z.array(namedStrategy).default([]).describe('What else is told the events of the run, e.g. tensorboard'),
  data: textsSchema
    .describe(
      'Text to train on: a file, hub:OWNER/NAME, a source by name, an object with more about it, or a list of several with weights',
    )
    .meta(
      like({ source: 'hub:HuggingFaceFW/fineweb-edu', files: 'sample/10BT/*.parquet', field: 'text' }, [
        { source: 'web.jsonl', field: 'body', weight: 3 },
        'books.txt',
      ]),
    ),
  evaluation: evaluationSchema
    .prefault({})
    .describe('What models are measured by, and on which text')
    .meta(like({ data: 'held-out.txt', evaluators: ['perplexity', 'throughput'] })),
  pretraining: pretrainingSchema
    .optional()
    .describe('The model is trained from random weights, in place of one that is there; steps may follow'),
  steps: z
    .array(stepSchema)
    .default([])
    .check(({ value, issues }) => {
      const problem = stepProblem(value.map(({ name }) => name));
      if (problem === undefined) return;
      issues.push({ code: 'custom', input: value, message: problem.found, path: [problem.step, 'name'] });
    })
    .describe('One after another, each from the student of the one before: 15B to 8B to 4B')
    .meta(
      like([
        { name: '8b', target: '8B', pruner: 'width' },
        { name: '4b', target: '4B', pruner: 'width', compare: ['lm-loss'] },
      ]),
    ),
  checkpoints: checkpointsSchema
    .prefault({})
    .describe('How often a training is written down, to go on from')
    .meta(like({ everyMinutes: 10, keep: 3 })),
  export: exportSchema
    .optional()
    .describe('Where the last student goes, as a folder of its own; it stays in the run folder in any case')
    .meta(like({ folder: './smaller-model', overwrite: true })),
});

/** A whole recipe: it begins with a model or makes one. */
export const recipeSchema = recipeObject.check(({ value, issues }) => {
  const problem = (path: 'model' | 'pretraining' | 'steps', message: string): void =>
    void issues.push({ code: 'custom', input: value, message, path: [path] });
  const { model, pretraining, steps } = value;
  if (model === undefined && pretraining === undefined)
    problem('model', 'there is none, and no pretraining that would make one');
  if (model !== undefined && pretraining !== undefined)
    problem('pretraining', 'there is a model as well; leave one of them out');
  if (pretraining === undefined && steps.length === 0)
    problem('steps', 'there is none; a model that is there takes at least one');
});

/** A recipe with every default filled in. */
export type Recipe = z.infer<typeof recipeSchema>;
/** A recipe as a person writes it. */
export type RecipeInput = z.input<typeof recipeSchema>;
export type RecipeStep = Recipe['steps'][number];
