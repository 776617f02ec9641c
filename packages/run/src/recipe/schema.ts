// What a recipe is, as one zod schema: types, defaults, and the JSON Schema for editors all come from here. A step is core's
// own; this adds where text comes from, what is measured, and where results go.
import { z } from 'zod';
import { compressionStep, namedStrategy } from '../steps/step-schema.js';
import { backendOf } from './backend-name.js';
import { nameProblem, stepProblem } from './names.js';

const count = z.int().positive();
const text = z.string().min(1);

/** How a text is cut into documents. */
export const split = z.enum(['lines', 'whole']);

const dataObject = z
  .strictObject({
    source: text.describe('A file, a source of a plugin by name, "-" for stdin, or hub:OWNER/NAME'),
    format: z.enum(['text', 'jsonl', 'parquet']).optional().describe('By the ending of the file when not given'),
    split: split.default('lines').describe('Whether every line of a text file is a document, or the file is one'),
    field: text.default('text').describe('Which field of JSONL or Parquet holds the text'),
    revision: text.optional().describe('Branch, tag or commit of a hub dataset'),
    files: text.optional().describe('Which files of a hub dataset, e.g. data/train-*.parquet'),
    options: z.record(z.string(), z.json()).optional().describe('Options of a source of a plugin'),
  })
  .describe('Where text comes from');

/** Text by name alone, or with what else there is to say about it. */
export const dataSchema = z.union([text.transform((source) => dataObject.parse({ source })), dataObject]);

/** Where text comes from. */
export type DataSpec = z.infer<typeof dataObject>;

const evaluationSchema = z.strictObject({
  data: dataSchema.optional().describe('A part of the training text is held back when not given'),
  evaluators: z
    .array(namedStrategy)
    .min(1)
    .prefault(['perplexity', 'cloze', 'throughput'])
    .describe('cloze is left out where the text has no such task'),
  maxTokens: count
    .optional()
    .describe('First tokens of each document that are looked at; one more than the length when not given'),
});

const checkpointsSchema = z.strictObject({
  everySteps: count.optional().describe('Steps from one checkpoint to the next; by time when not given'),
  everyMinutes: z.number().positive().default(5).describe('Minutes from one checkpoint to the next'),
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
  folder: text.describe('Where the model goes'),
  step: text.optional().describe('Whose student; the last step when not given'),
  overwrite: z.boolean().default(false).describe('Replace a model that is there'),
  exporter: namedStrategy.prefault('safetensors').describe('In which form; a Hugging Face folder when not given'),
});

/** A whole recipe. */
export const recipeSchema = z.strictObject({
  $schema: z.string().optional().describe('Of editors; ignored'),
  extends: z
    .union([text.transform((own) => [own]), z.array(text)])
    .optional()
    .describe('Recipes whose entries hold where this one says nothing: paths, or names of bundled ones'),
  name: z
    .string()
    .regex(/^[\w.-]+$/, 'letters, digits, ".", "-" and "_" only')
    .check(({ value, issues }) => {
      const message = nameProblem(value);
      if (message !== undefined) issues.push({ code: 'custom', input: value, message });
    })
    .default('run')
    .describe('Also the name of its run folder'),
  description: z.string().optional(),
  model: text.describe('Hugging Face folder, hub id (OWNER/NAME), or "tinytales" for the bundled one'),
  revision: text.optional().describe('Branch, tag or commit of a model of the hub'),
  seed: z.int().default(1).describe('Of every random choice'),
  backend: z
    .union([text.transform((own) => backendOf(own)), namedStrategy])
    .prefault('ort')
    .describe('What runs the programs: ort, tfjs, or with a device: ort:webgpu, tfjs:wasm'),
  plugins: z.array(text).default([]).describe('Packages by name, or files by path, whose strategies may be named'),
  subscribers: z.array(namedStrategy).default([]).describe('What else is told the events of the run, e.g. tensorboard'),
  data: dataSchema,
  evaluation: evaluationSchema.prefault({}),
  steps: z
    .array(stepSchema)
    .min(1)
    .check(({ value, issues }) => {
      const problem = stepProblem(value.map(({ name }) => name));
      if (problem === undefined) return;
      issues.push({ code: 'custom', input: value, message: problem.found, path: [problem.step, 'name'] });
    })
    .describe('One after another: 15B to 8B to 4B'),
  checkpoints: checkpointsSchema.prefault({}),
  export: exportSchema.optional(),
});

/** A recipe with every default filled in. */
export type Recipe = z.infer<typeof recipeSchema>;
/** A recipe as a person writes it. */
export type RecipeInput = z.input<typeof recipeSchema>;
export type RecipeStep = Recipe['steps'][number];
