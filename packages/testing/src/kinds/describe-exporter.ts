// The suite that every exporter must pass. In a spec file: describeExporter(myExporter); one whose folders are no Hugging Face
// model folders says how they are read back.
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import {
  expectClose,
  InputError,
  openModelFolder,
  weightSpecs,
  type Exporter,
  type Model,
  type Weights,
} from '@espalier/core';
import { declareChecks, type StrategyCheck } from './strategy-check.js';
import { tinyModel } from './tiny-model.js';

/** What is promised beyond being an exporter. */
export interface ExporterPromises {
  /** Weights of a folder that the exporter wrote; those of a Hugging Face model folder when not given. */
  read?(folder: string): Promise<
    Weights & {
      /** Lets go of the files. */
      close?(): Promise<void>;
    }
  >;
  /** Largest difference of a weight, relative to the largest of its tensor or 1: 0 when not given, 2⁻¹¹ for float16, 2⁻⁸ for bfloat16. */
  readonly tolerance?: number;
}

async function readHuggingFace(folder: string): Promise<Weights & { close(): Promise<void> }> {
  return (await openModelFolder(folder)).checkpoint;
}

/** A tiny model with a folder of small files, and a place to write to, both gone afterwards. */
async function inFolder(work: (model: Model, parent: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'espalier-exporter-'));
  try {
    const [from, parent] = [join(folder, 'from'), join(folder, 'parent')];
    await mkdir(from);
    await mkdir(parent);
    await writeFile(join(from, 'tokenizer_config.json'), '{}');
    await work({ ...tinyModel(), folder: from }, parent);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Every file below a folder, by path, as text in which each byte is a letter. */
async function contents(folder: string): Promise<Readonly<Record<string, string>>> {
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const read = files.map(async ({ parentPath, name }) => {
    const file = join(parentPath, name);
    return [file.slice(folder.length + 1), await readFile(file, 'latin1')] as const;
  });
  return Object.fromEntries(await Promise.all(read));
}

/** The model, whose last weight cannot be read. */
function broken(model: Model): Model {
  const last = weightSpecs(model).at(-1)?.name;
  const read: Weights['read'] = (name) =>
    name === last ? Promise.reject(new RangeError('the disk is gone')) : model.weights.read(name);
  return { ...model, weights: { read } };
}

/** The suite's checks. */
export function exporterChecks(
  exporter: Exporter,
  { read = readHuggingFace, tolerance = 0 }: ExporterPromises = {},
): readonly StrategyCheck[] {
  const once = { overwrite: false };
  return [
    {
      title: 'what it writes is read back with the same weights',
      run: () =>
        inFolder(async (model, parent) => {
          await exporter.export(model, join(parent, 'out'), once);
          const written = await read(join(parent, 'out'));
          try {
            for (const { name } of weightSpecs(model)) {
              expectClose(await written.read(name), await model.weights.read(name), tolerance, name);
            }
          } finally {
            await written.close?.();
          }
        }),
    },
    {
      title: 'writes the same bytes for the same model, and nothing beside the folder',
      run: () =>
        inFolder(async (model, parent) => {
          for (const name of ['one', 'two']) await exporter.export(model, join(parent, name), once);
          expect((await readdir(parent)).toSorted()).toEqual(['one', 'two']);
          expect(await contents(join(parent, 'two'))).toEqual(await contents(join(parent, 'one')));
        }),
    },
    {
      title: 'refuses a folder that holds something else, whatever it is told, and leaves it as it was',
      run: () =>
        inFolder(async (model, parent) => {
          const path = join(parent, 'photographs');
          await mkdir(path);
          await writeFile(join(path, 'one.jpg'), 'a photograph');
          const before = await contents(parent);
          for (const overwrite of [false, true]) {
            await expect(exporter.export(model, path, { overwrite })).rejects.toThrow(InputError);
          }
          expect(await contents(parent)).toEqual(before);
        }),
    },
    {
      title: 'replaces a model of its own only when it is told to',
      run: () =>
        inFolder(async (model, parent) => {
          const path = join(parent, 'out');
          await exporter.export(tinyWith(model, 2), path, once);
          const before = await contents(parent);
          await expect(exporter.export(model, path, once)).rejects.toThrow(InputError);
          expect(await contents(parent)).toEqual(before);
          await exporter.export(model, path, { overwrite: true });
          await exporter.export(model, join(parent, 'fresh'), once);
          expect(await contents(path)).toEqual(await contents(join(parent, 'fresh')));
        }),
    },
    {
      title: 'a failure on the way is passed on, leaves nothing behind, and the model that was there',
      run: () =>
        inFolder(async (model, parent) => {
          await expect(exporter.export(broken(model), join(parent, 'out'), once)).rejects.toThrow('the disk is gone');
          expect(await readdir(parent)).toEqual([]);
          await exporter.export(model, join(parent, 'out'), once);
          const before = await contents(parent);
          const attempt = exporter.export(broken(model), join(parent, 'out'), { overwrite: true });
          await expect(attempt).rejects.toThrow('the disk is gone');
          expect(await contents(parent)).toEqual(before);
        }),
    },
    {
      title: 'says beforehand what it would refuse',
      run: () =>
        inFolder(async (model, parent) => {
          if (exporter.check === undefined) return;
          await expect(exporter.check(join(parent, 'out'), once)).resolves.toBeUndefined();
          expect(await readdir(parent)).toEqual([]);
          await exporter.export(model, join(parent, 'out'), once);
          await expect(exporter.check(join(parent, 'out'), once)).rejects.toThrow(InputError);
          await expect(exporter.check(join(parent, 'out'), { overwrite: true })).resolves.toBeUndefined();
        }),
    },
  ];
}

/** The model with other weights. */
function tinyWith(model: Model, seed: number): Model {
  return { ...model, weights: tinyModel({}, seed).weights };
}

/**
 * Declares the suite's tests: a tiny model, in temporary folders. Weights are read back, equal models give equal bytes, what is
 * there is replaced only where it may be, and a failure leaves everything as it was.
 */
export function describeExporter(exporter: Exporter, promises: ExporterPromises = {}): void {
  declareChecks(`exporter ${exporter.name}`, exporterChecks(exporter, promises));
}
