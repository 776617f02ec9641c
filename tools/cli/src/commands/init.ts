// `espalier init`: a commented recipe to begin with, after a few questions or none.
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { InputError, parseTarget } from '@espalier/core';
import { z } from 'zod';
import { expandTarget, parseRecipe, writeTextFile } from '@espalier/run';
import { parse } from 'yaml';
import { noteLines, printJson, printLines } from '../terminal/print.js';

const schema = z.object({
  model: z.string().optional(),
  data: z.string().optional(),
  target: z.string().optional(),
  out: z.string(),
  yes: z.boolean(),
  overwrite: z.boolean(),
  json: z.boolean(),
});

const defaults = { model: 'tinytales', data: 'teacher', target: '50%' } as const;
const questions = {
  model: 'Which model: a folder, a name on the hub (OWNER/NAME), or tinytales',
  data: 'Which text: a file, hub:OWNER/NAME, tinytales, or teacher (the model writes its own)',
  target: 'How small: 50%, 4B, or a shape such as hidden=3072,ffn=9216',
} as const;

/** Runs the verb with the flags that commander has parsed. */
export async function initCommand(given: unknown): Promise<void> {
  const { out, yes, overwrite, json, ...flags } = schema.parse(given);
  if (existsSync(out) && !overwrite) {
    const found = 'the file is there already';
    throw new InputError({
      asked: `write recipe "${out}"`,
      found,
      fix: 'Give another name (--out), or replace it (--overwrite)',
    });
  }
  const ask = !yes && process.stdin.isTTY;
  const answers = await answered(flags, ask);
  parseTarget(expandTarget(answers.target));
  const text = recipeText(answers);
  parseRecipe(parse(text), out);
  await writeTextFile(out, text);
  if (json) return printJson({ recipe: out, ...answers });
  printLines(out);
  noteLines('', `Next: espalier plan --recipe ${out}`, `      espalier compress --recipe ${out}`);
}

type Answers = Readonly<Record<keyof typeof defaults, string>>;
type Given = Readonly<Partial<Record<keyof typeof defaults, string | undefined>>>;

async function answered(flags: Given, ask: boolean): Promise<Answers> {
  const terminal = ask ? createInterface({ input: process.stdin, output: process.stderr }) : undefined;
  const answer = async (name: keyof Answers): Promise<string> => {
    const own = flags[name] ?? (await terminal?.question(`${questions[name]} [${defaults[name]}]: `))?.trim();
    return own === undefined || own === '' ? defaults[name] : own;
  };
  try {
    return { model: await answer('model'), data: await answer('data'), target: await answer('target') };
  } finally {
    terminal?.close();
  }
}

function recipeText({ model, data, target }: Answers): string {
  const quoted = (value: string): string => JSON.stringify(value);
  return `# A recipe for espalier. "espalier plan --recipe FILE" says what it will cost, "espalier compress --recipe FILE" runs it.
name: my-run

# A Hugging Face folder, a name on the hub (OWNER/NAME), or tinytales.
model: ${quoted(model)}

# Text to train on: a text, JSONL or Parquet file, hub:OWNER/NAME, tinytales, or teacher (the model writes its own).
data:
  source: ${quoted(data)}
  # split: lines         # or whole: a text file is one document
  # field: text          # which field of JSONL or Parquet holds the text

# evaluation:
#   data: held-out.txt   # a tenth of the text is held back when nothing is given

steps:
  # Each step makes a smaller model from the one before it. Several make 15B to 8B to 4B.
  - name: half
    # 50%, 4B, a shape (hidden=3072,ffn=9216,layers=32; names of Hugging Face and Megatron too), or a published one.
    target: ${quoted(target)}
    importance: { samples: 256, batch: 4, length: 256 }
    # "espalier plugins" lists every strategy and its options.
    pruner: joint
    distillation:
      losses: [forward-kl]
      # 16 tokens for each of the student's parameters when not given.
      # tokens: 1e6
      batch: 4
      length: 256
    # What the result is compared with, at equal tokens.
    compare: [lm-loss]

checkpoints: { everyMinutes: 5, keep: 2 }

export: { folder: ./smaller-model }
`;
}
