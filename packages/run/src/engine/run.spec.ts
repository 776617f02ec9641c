// A run from code: in memory and in a folder it comes to the same, it is one stream, and it can be stopped, left and gone on with.
import { existsSync, renameSync } from 'node:fs';
import { readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CancelledError,
  definePlugin,
  InputError,
  openDocuments,
  strategy,
  type Model,
  type PipelineEvent,
} from '@espalier/core';
import { filter, lastValueFrom, take, tap } from 'rxjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { verifyUnits } from '../folder/run-folder.js';
import { createBench, runEnd, type Bench } from '../testing/bench.js';
import { compress, finished, resume, type RunEvent } from './run.js';
import type { RunResult } from './session.js';

let bench: Bench;
beforeAll(async () => {
  bench = await createBench();
});
afterAll(() => bench.remove());

const [first] = [0];
const stepOf = (own: object) => ({ ...bench.recipe, steps: [{ ...bench.recipe.steps[first]!, ...own }] });
const size = { batch: 4, length: 16 };

async function weightsOf(model: Model | undefined): Promise<readonly number[]> {
  if (model === undefined) throw new Error('no such student');
  return [...(await model.weights.read('model.layers.0.mlp.up_proj.weight'))];
}

/** Everything but what a clock says. */
const lasting = ({ rows }: Pick<RunResult, 'rows'>) =>
  rows.map(({ measures, ...row }) => ({
    ...row,
    measures: measures.filter(({ evaluator }) => evaluator !== 'throughput'),
  }));

describe('a run in memory', () => {
  test('ends with its rows and students, and comes to what a run in a folder comes to', async () => {
    const folder = join(bench.folder, 'same');
    const inMemory = await finished(compress(bench.recipe));
    const inFolder = await finished(compress(bench.recipe, { folder }));
    expect(inMemory.rows.map(({ name }) => name)).toEqual(['teacher', 'narrow/pruned', 'narrow/distilled']);
    expect(lasting(inFolder)).toEqual(lasting(inMemory));
    const file = await readFile(join(folder, 'stages/narrow/distilled/distil/student/model.safetensors'));
    const own = await weightsOf(inMemory.students.get('narrow/distilled'));
    const header = Number(file.readBigUInt64LE(0));
    const { data_offsets: offsets } = (
      JSON.parse(file.subarray(8, 8 + header).toString()) as Record<string, { data_offsets: [number, number] }>
    )['model.layers.0.mlp.up_proj.weight']!;
    const stored = Array.from({ length: own.length }, (_, i) => file.readFloatLE(8 + header + offsets[0] + 4 * i));
    expect(stored).toEqual(own);
  });

  test('does nothing until it is subscribed to, and its only result is its last event', async () => {
    const events: RunEvent[] = [];
    const run = compress(bench.recipe).pipe(tap((event) => events.push(event)));
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(events).toEqual([]);
    await lastValueFrom(run);
    expect(events.filter(({ type }) => type === 'result')).toHaveLength(1);
    expect(events.at(-1)?.type).toBe('result');
  });
});

describe('steps', () => {
  const told = async (recipe: object, ...wanted: readonly string[]) => {
    const events: PipelineEvent[] = [];
    const result = await finished(
      compress({ ...bench.recipe, ...recipe }).pipe(tap((event) => event.type !== 'result' && events.push(event))),
    );
    const stages = events.flatMap((event) =>
      event.type === 'stage-started' && !['evaluate', 'speed', 'samples'].includes(event.stage) ? [event.stage] : [],
    );
    const series = (name: string): readonly number[] =>
      events.flatMap((event) =>
        event.type === 'metric' && event.name === name && wanted.includes(event.run) ? [event.value] : [],
      );
    return { ...result, stages, series };
  };
  const short = { importance: { samples: 8, ...size } };
  const distillation = { tokens: 128, ...size };

  test('each step cuts what the one before it left, or the first model again', async () => {
    const second = { ...short, target: 'layers=2', search: 'depth', distillation };
    const steps = (from: 'previous' | 'model') => [
      { name: 'narrow', target: 'ffn=30', ...short, distillation },
      { name: 'shallow', from, ...second },
    ];
    const [chained, apart] = [await told({ steps: steps('previous') }), await told({ steps: steps('model') })];
    const after = (run: typeof chained) => run.students.get('shallow/distilled')?.architecture;
    expect(after(chained)).toMatchObject({ layers: 2, sizes: { ffn: 30 } });
    expect(after(apart)).toMatchObject({ layers: 2, sizes: { ffn: 44 } });
  });

  test('the first model of all teaches, or the last one, by choice', async () => {
    const losses = async (teacher: 'original' | 'previous') => {
      const steps = [
        { name: 'one', target: 'ffn=30', ...short, distillation },
        { name: 'two', target: 'ffn=20', ...short, distillation: { ...distillation, teacher } },
      ];
      return (await told({ steps }, 'two/distilled')).series('loss');
    };
    const [byOriginal, byPrevious] = [await losses('original'), await losses('previous')];
    expect(byOriginal).toHaveLength(2);
    // The student is a part of the last model, so it begins nearer to that one.
    expect(byPrevious[0]).toBeLessThan(byOriginal[0]!);
  });

  test('a teacher is corrected before it is cut, or while it teaches', async () => {
    const corrected = (correction: object) =>
      told(stepOf({ distillation: { ...distillation, correction } }), 'narrow/teacher', 'narrow/distilled');
    const before = await corrected({ tokens: 192 });
    expect(before.stages[0]).toBe('correct');
    expect(before.series('loss')).toHaveLength(3 + 2);
    const meanwhile = await corrected({ when: 'meanwhile' });
    expect(meanwhile.stages).not.toContain('correct');
    expect(meanwhile.series('teacherLoss')).toHaveLength(2);
  });

  test('documents of a packed sequence see each other or, by choice, do not', async () => {
    const first = async (own: object) =>
      (await told(stepOf({ ...short, distillation: { ...distillation, ...own } }), 'narrow/distilled')).series(
        'loss',
      )[0]!;
    const [usual, across, within] = [
      await first({}),
      await first({ crossDocumentAttention: true }),
      await first({ crossDocumentAttention: false }),
    ];
    expect(across).toBe(usual);
    expect(Math.abs(within - usual)).toBeGreaterThan(1e-6);
  });

  test('importance is estimated in rounds and rankings are checked where the step asks for it', async () => {
    const { stages } = await told(
      stepOf({ importance: { ...short.importance, rounds: 2, checkRanking: true }, distillation }),
    );
    expect(stages).toEqual(['calibrate', 'score', 'search', 'check ranking', 'prune iteratively', 'distil']);
  });
});

describe('a run that does not come to its end', () => {
  const long = () => stepOf({ distillation: { tokens: 1_000_000, ...size } });
  const training = filter((event: RunEvent) => event.type === 'metric' && event.name === 'loss');

  test('that is asked to stop saves a checkpoint, fails as cancelled, and is gone on with', async () => {
    const folder = join(bench.folder, 'stopped');
    const stop = new AbortController();
    const run = compress(long(), { folder, signal: stop.signal }).pipe(
      tap((event) => event.type === 'metric' && event.name === 'loss' && event.step === 3 && stop.abort()),
    );
    await expect(finished(run)).rejects.toThrow(CancelledError);
    expect(existsSync(join(folder, 'checkpoints', 'narrow', 'distilled'))).toBe(true);
    expect(existsSync(join(folder, '.lock'))).toBe(false);
    const { onEnd, ended } = runEnd();
    const again = await lastValueFrom(resume(folder, { onEnd }).pipe(training, take(1)));
    await ended;
    expect(again).toMatchObject({ type: 'metric', name: 'loss' });
    expect(again.type === 'metric' && again.step).toBeGreaterThan(3);
  });

  test('that is left by its listener ends at once and lets go of its folder', async () => {
    const folder = join(bench.folder, 'left');
    const { onEnd, ended } = runEnd();
    await lastValueFrom(compress(long(), { folder, onEnd }).pipe(training, take(1)));
    await ended;
    expect(existsSync(join(folder, '.lock'))).toBe(false);
    expect(existsSync(join(folder, 'summary.json'))).toBe(false);
  });

  test('whose folder goes away says so at the next word that it writes, makes none in its place, and is gone on with', async () => {
    const [folder, away] = [join(bench.folder, 'here'), join(bench.folder, 'away')];
    const recipe = { ...bench.recipe, checkpoints: { everySteps: 2 } };
    let moved = false;
    const leave = (event: RunEvent): void => {
      if (moved || event.type !== 'stage-started' || event.stage !== 'distil') return;
      renameSync(folder, away);
      moved = true;
    };
    const lost = finished(compress(recipe, { folder }).pipe(tap(leave)));
    await expect(lost).rejects.toThrow(/go on in run folder .*: there is no such file or folder. .*put it back/);
    await expect(lost).rejects.toBeInstanceOf(InputError);
    expect(existsSync(folder)).toBe(false);
    await rename(away, folder);
    await rm(join(folder, '.lock')); // of a process that is gone it would be no lock
    expect(lasting(await finished(resume(folder)))).toEqual(lasting(await finished(compress(recipe))));
  });

  test('that is begun while another one is being opened is left alone by that', async () => {
    const folder = join(bench.folder, 'twice');
    let other: Promise<RunResult> | undefined;
    // Its text is opened when the folder has been found free, and before it is taken.
    const slow = strategy('data', {
      name: 'slow',
      summary: 'text that is open when another run is complete',
      options: z.strictObject({}),
      create: () => ({
        layout: 'packed' as const,
        async open() {
          other = finished(compress(bench.recipe, { folder }));
          await other;
          return openDocuments(
            Array.from({ length: 40 }, (_, i) => Array.from({ length: 20 }, (_, j) => (i * j) % 90)),
          );
        },
      }),
    });
    const plugins = [definePlugin({ name: 'slow', provides: [slow] })];
    const late = finished(compress({ ...bench.recipe, data: 'slow' }, { folder, plugins }));
    await expect(late).rejects.toThrow(/a run is there already, and it is complete/);
    expect(await verifyUnits(folder)).toEqual([]);
    expect(lasting(await finished(resume(folder)))).toEqual(lasting(await other!));
  });

  test('that cannot work fails before anything is written', async () => {
    const folder = join(bench.folder, 'refused');
    const attempt = finished(compress(stepOf({ target: '0.001%' }), { folder }));
    await expect(attempt).rejects.toThrow(InputError);
    expect(existsSync(folder)).toBe(false);
  });
});
