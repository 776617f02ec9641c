// Running the command inside a test: a tiny model and a text in a temporary folder, and what came out on both streams.
import { copyFile, cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { vi } from 'vitest';
import { runCli } from '../cli.js';

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command with arguments and catches what it prints. */
export async function runCaptured(...argv: readonly string[]): Promise<Outcome> {
  const written = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((chunk) => {
      written[name] += String(chunk);
      return true;
    }),
  );
  try {
    return { code: await runCli(argv), ...written };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

/** A temporary folder with a model (random weights) and a text; `remove` deletes it. */
export interface Bench {
  readonly folder: string;
  readonly model: string;
  readonly text: string;
  /** `compress` of that model and text, with these flags beside or in place of the usual ones. */
  compress(flags?: Readonly<Record<string, string>>, switches?: readonly string[]): Promise<Outcome>;
  remove(): Promise<void>;
}

const fixtures = new URL('../../../../packages/core/src/', import.meta.url);
const tinyLlama = fileURLToPath(new URL('testing/fixtures/tiny-llama', fixtures));
const tokenizer = fileURLToPath(new URL('formats/fixtures/word-level', fixtures));

/** The lines of a bench's text: one sentence, up to twenty times, so that what is held out differs and is of the same kind. */
export const lines: readonly string[] = Array.from({ length: 200 }, (_, index) =>
  Array.from({ length: 1 + (index % 20) }, () => 'the cat sat on the mat').join(' '),
);

export async function createBench(): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), 'espalier-'));
  const model = join(folder, 'model');
  const text = join(folder, 'text.txt');
  await cp(tinyLlama, model, { recursive: true });
  for (const name of ['tokenizer.json', 'tokenizer_config.json']) {
    await copyFile(join(tokenizer, name), join(model, name));
  }
  await writeFile(text, lines.map((own) => `${own}\n`).join(''));
  return {
    folder,
    model,
    text,
    compress(flags = {}, switches = []) {
      const usual = {
        model,
        data: text,
        target: '50%',
        out: join(folder, 'out'),
        run: join(folder, 'run'),
        length: '16',
      };
      const all = Object.entries({ ...usual, ...flags }).flatMap(([name, value]) => [`--${name}`, value]);
      return runCaptured('compress', ...all, ...switches);
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
