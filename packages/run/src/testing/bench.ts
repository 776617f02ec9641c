// A tiny model (random weights) and a text in a temporary folder, for the tests of this package.
import { copyFile, cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RecipeInput } from '../recipe/schema.js';

export interface Bench {
  readonly folder: string;
  /** A recipe of that model and text: one step to 70%, eight training steps. */
  readonly recipe: RecipeInput & { readonly steps: NonNullable<RecipeInput['steps']> };
  remove(): Promise<void>;
}

const fixtures = new URL('../../../core/src/', import.meta.url);
const size = { batch: 4, length: 16 };

/** 3 layers, hidden 32, ffn 44, heads 4 / kv 2 of 12, vocab 96. */
export async function createBench(): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), 'espalier-run-'));
  const [model, text] = [join(folder, 'model'), join(folder, 'text.txt')];
  await cp(fileURLToPath(new URL('testing/fixtures/tiny-llama', fixtures)), model, { recursive: true });
  for (const name of ['tokenizer.json', 'tokenizer_config.json'])
    await copyFile(fileURLToPath(new URL(`formats/fixtures/word-level/${name}`, fixtures)), join(model, name));
  const lines = Array.from({ length: 60 }, (_, i) => `the cat sat on the mat ${'and the dog sat '.repeat(i % 7)}`);
  await writeFile(text, lines.join('\n'));
  const recipe: Bench['recipe'] = {
    model,
    data: text,
    backend: 'ort:cpu',
    evaluation: { maxTokens: 17 },
    steps: [
      {
        name: 'narrow',
        target: '70%',
        importance: { samples: 8, ...size },
        distillation: { tokens: 512, ...size },
      },
    ],
  };
  return { folder, recipe, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** The end of a run that its listener leaves: `onEnd` for its options, and a promise of it. */
export function runEnd(): { readonly onEnd: () => void; readonly ended: Promise<void> } {
  let onEnd = (): void => undefined;
  const ended = new Promise<void>((resolve) => (onEnd = resolve));
  return { onEnd: () => onEnd(), ended };
}
