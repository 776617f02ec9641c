// Twenty distillation steps on a pair of backend and device: the losses of the float64 reference evaluator, also in float16, and a
// training that stops when asked to.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { applyPlan, padRows, random, trainModel, type Model, type Precision, type TrainOptions } from '@espalier/core';
import { referenceBackend, type Backend } from '@espalier/core/graph';
import { fixtureModel, trainingCurve, worstRatio } from '@espalier/testing';
import { adamw, cosine, forwardKlLoss, llama } from '@espalier/plugins';
import { expect, test } from 'vitest';

interface Golden {
  /** [steps][4][17] */
  readonly ids: readonly (readonly (readonly number[])[])[];
  readonly distillation: {
    readonly keep: { readonly hidden: number[]; readonly ffn: number[]; readonly heads: number[] };
  };
}

const fixtures = new URL('../../../../packages/core/src/testing/fixtures/', import.meta.url);
const golden = JSON.parse(await readFile(new URL('adamw-steps/golden.json', fixtures), 'utf8')) as Golden;
const teacher = await fixtureModel(fileURLToPath(new URL('tiny-llama', fixtures)), llama());

/** Twenty steps of distillation into half the width. */
function distillation(precision: Precision): { readonly student: Model; readonly options: TrainOptions } {
  const { hidden, ffn, heads } = golden.distillation.keep;
  const layers = [0, 1, 2];
  const each = <T>(kept: T): T[] => layers.map(() => kept);
  const student = applyPlan(teacher, { layers, hidden, ffn: each(ffn), heads: each(heads), kvHeads: each([0, 1]) });
  const options: TrainOptions = {
    losses: [{ term: forwardKlLoss(), weight: 1 }],
    optimizer: adamw(),
    schedule: cosine({ peak: 1e-3, warmup: 5 }),
    data: golden.ids.slice(0, 20).map((rows) => padRows(rows, { batch: 4, length: 16 })),
    batch: 4,
    length: 16,
    tokens: 20 * 4 * 16,
    precision,
  };
  return { student, options };
}

/** Losses of them. */
async function losses(backend: Backend, precision: Precision = 'float32'): Promise<readonly number[]> {
  const { student, options } = distillation(precision);
  return (await trainingCurve(student, teacher, options, { backend, random: random(1) })).losses;
}

/** The same backend, and how many of its states and executables are in use. */
function counted(backend: Backend): { readonly backend: Backend; live(): number } {
  let live = 0;
  const count = <Made extends { dispose(): Promise<void> }>(made: Made): Made => {
    live += 1;
    let gone = false;
    const dispose = made.dispose.bind(made);
    made.dispose = async () => {
      if (!gone) live -= 1;
      gone = true;
      await dispose();
    };
    return made;
  };
  return {
    live: () => live,
    backend: {
      name: backend.name,
      devices: () => backend.devices(),
      createState: async (types, device) => count(await backend.createState(types, device)),
      compile: async (program, device) => count(await backend.compile(program, device)),
    },
  };
}

const expected = await losses(referenceBackend());

const minutes = 'on a software GPU only with ESPALIER_GPU_STEPS=1, it takes minutes';

/** Declares the tests of each pair of backend and device; those that are not here are reported as skipped, by name. */
export async function describePairs(pairs: readonly (readonly [pair: string, backend: Backend])[]): Promise<void> {
  for (const [pair, backend] of pairs) {
    const device = (await backend.devices()).find(({ name }) => pair.endsWith(`:${name}`));
    const software = process.env['ESPALIER_SOFTWARE_GPU'] !== undefined;
    const slow = pair.endsWith(':webgpu') && software && process.env['ESPALIER_GPU_STEPS'] === undefined;
    const inCi = process.env['CI'] !== undefined;
    const absent = device === undefined ? 'not on this platform' : device.unavailable?.reason;
    const reason = absent ?? (slow && !inCi ? minutes : undefined);
    const halves = pair === 'ort:webgpu' && software ? 'SwiftShader has no 16-bit floats' : slow ? minutes : undefined;
    if (reason !== undefined) test.skip(`${pair}: ${reason}`, () => undefined);
    else {
      test(`${pair} has the reference evaluator's loss at each of 20 distillation steps`, async () => {
        expect(worstRatio(await losses(backend), expected)).toBeLessThan(1e-4);
      }, 300_000); // a software GPU beside other work
      test(`${pair} stops between two steps when asked to, lets everything go, and works on`, async () => {
        const { student, options } = distillation('float32');
        const own = counted(backend);
        const seen: number[] = [];
        const abort = new AbortController();
        const cancelled = trainModel(
          student,
          teacher,
          options,
          { backend: own.backend, random: random(1) },
          {
            signal: abort.signal,
            report(event) {
              if (event.type === 'metric' && event.name === 'loss') seen.push(event.value);
              if (seen.length === 3) abort.abort();
            },
          },
        );
        await expect(cancelled).rejects.toThrow(/abort/);
        expect(seen).toHaveLength(3);
        expect(own.live()).toBe(0);
        const few = { ...options, tokens: 3 * 4 * 16 };
        const again = await trainingCurve(student, teacher, few, { backend, random: random(1) });
        expect(worstRatio(again.losses.slice(0, 1), seen.slice(0, 1))).toBeLessThan(1e-5);
      }, 300_000);
      if (halves !== undefined) test.skip(`${pair} in float16: ${halves}`, () => undefined);
      else {
        test(`${pair} is within a hundredth of it with products in float16`, async () => {
          const half = await losses(backend, 'float16');
          expect(worstRatio(half, expected)).toBeLessThan(1e-2);
          expect(worstRatio(half, expected)).toBeGreaterThan(1e-6); // float16 it was
        }, 300_000);
      }
    }
  }
}
