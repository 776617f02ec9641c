// Successive halving on ONNX Runtime: who goes on, what is trained, what is kept, and what is told.
import { fileURLToPath } from 'node:url';
import { ortBackend } from '@espalier/backend-ort';
import {
  applyPlan,
  makePlan,
  memoryStore,
  packed,
  Pipeline,
  random,
  searchWith,
  trainModel,
  type KeptTrial,
  type Model,
  type PipelineEvent,
  type Scores,
  type StageTools,
  type Trial,
  type TrialStore,
} from '@espalier/core';
import { fixtureModel } from '@espalier/testing';
import { adamw, cosine, forwardKlLoss, halvingSearch, jointPruner, llama } from '@espalier/plugins';
import { beforeAll, expect, test } from 'vitest';

const folder = fileURLToPath(new URL('../../../packages/core/src/testing/fixtures/tiny-llama', import.meta.url));
const tinyLlama = (): Promise<Model> => fixtureModel(folder, llama());

const context = { backend: ortBackend({ threads: 1 }), random: random(1) };
const document = Array.from({ length: 300 }, (_, i) => (i * i * 7 + 3 * i) % 96);
const size = { batch: 2, length: 6 };
const scores: Scores = {
  hidden: Array.from({ length: 32 }, (_, i) => (i * 7) % 32),
  ffn: Array.from({ length: 3 }, (_, layer) => Array.from({ length: 44 }, (_, i) => (i * 5 + layer) % 44)),
  heads: Array.from({ length: 3 }, () => [4, 3, 2, 1]),
  layers: [3, 1, 2],
};
/** Shapes within 65 to 95%, of which four are tried; two rungs, of two and of four steps. */
const options = {
  layers: [2, 3],
  hidden: [24, 28, 32],
  ffn: [32, 44],
  heads: [4],
  tolerance: 0.15,
  rungs: [24, 48],
  candidates: 4,
};

const trial = (teacher: Model, store?: TrialStore): Trial => ({
  teacher,
  pruner: jointPruner(),
  scores,
  training: { losses: [{ term: forwardKlLoss(), weight: 1 }], optimizer: adamw(), ...size },
  schedule: () => cosine({ peak: 0.01, warmup: 1 }),
  text: () => packed([document], size),
  validation: () => packed([document.slice(200)], size),
  ...(store === undefined ? {} : { store }),
});

async function explore(store?: TrialStore, signal?: AbortSignal) {
  const teacher = await tinyLlama();
  const events: PipelineEvent[] = [];
  const { target } = await Pipeline.of({ teacher, scores }, context)
    .pipe(
      searchWith(halvingSearch(options), { kind: 'share', share: 0.8 }, ({ teacher: own }) => trial(own, store), {}),
    )
    .run((event) => events.push(event), signal);
  const data = (name: string) =>
    events.flatMap((event) => (event.type === 'finding' && event.name === name ? [event.data] : []))[0] as never;
  return { teacher, target, events, space: data('space'), candidates: data('candidates') as { candidates: Row[] } };
}

interface Row {
  readonly name: string;
  readonly layers: number;
  readonly hidden: number;
  readonly ffn: number;
  readonly cost: number;
  readonly tokens: number;
  readonly loss: number;
  readonly pareto: boolean;
  readonly chosen: boolean;
}

/** Counts what is kept, and stops the search after so many. */
function watched(inner: TrialStore, stopAfter = Infinity) {
  const abort = new AbortController();
  const saved: string[] = [];
  return {
    saved,
    signal: abort.signal,
    store: {
      load: (key: string) => inner.load(key),
      save: async (key: string, own: KeptTrial) => {
        await inner.save(key, own);
        saved.push(key);
        if (saved.length === stopAfter) abort.abort();
      },
    },
  };
}

/** A search that nothing stops, and what it kept. */
const whole = watched(memoryStore());
let uninterrupted: Awaited<ReturnType<typeof explore>>;
beforeAll(async () => {
  uninterrupted = await explore(whole.store);
});

test('the better half goes on, and the first of them is chosen', () => {
  const { target, space, candidates } = uninterrupted;
  expect(space).toMatchObject({ shapes: 12, tokens: 4 * 24 + 2 * 24, candidates: [{}, {}, {}, {}] });
  const rows = candidates.candidates;
  expect(rows.map(({ tokens }) => tokens)).toEqual([48, 48, 24, 24]);
  expect(rows.map(({ chosen }) => chosen)).toEqual([true, false, false, false]);
  const losses = rows.map(({ loss }) => loss);
  expect(losses[0]).toBeLessThanOrEqual(losses[1] ?? 0);
  expect(losses[2]).toBeLessThanOrEqual(losses[3] ?? 0);
  expect(rows[0]).toMatchObject({ layers: target.layers, hidden: target.sizes.hidden, ffn: target.sizes.ffn });
  for (const { cost, loss, pareto } of rows) {
    expect(pareto).toBe(
      !rows.some((own) => own.cost <= cost && own.loss <= loss && (own.cost < cost || own.loss < loss)),
    );
  }
});

test('it is told which candidate of which rung is trained, and how far it is', () => {
  const told = uninterrupted.events.flatMap((event) => (event.type === 'progress' && 'part' in event ? [event] : []));
  const ofCandidate = (part: string): readonly number[] => [
    ...new Set(told.flatMap((event) => (event.part === part ? [event.done] : []))),
  ];
  // Steps of 12 tokens: two in the first rung, two more in the second.
  expect(ofCandidate('candidate 1 of 4, rung 1 of 2')).toEqual([0, 12, 24]);
  expect(ofCandidate('candidate 4 of 4, rung 1 of 2')).toEqual([72, 84, 96]);
  expect(ofCandidate('candidate 2 of 2, rung 2 of 2')).toEqual([120, 132, 144]);
  expect(told.map(({ done }) => done)).toEqual(told.map(({ done }) => done).toSorted((a, b) => a - b));
  expect(new Set(told.map(({ unit, total }) => `${total} ${unit}`))).toEqual(new Set(['144 tokens']));
});

test('a rung goes on from the one before: the winner is as if it had been trained in one go', async () => {
  const { teacher, target } = uninterrupted;
  const { sizes, layers } = target;
  const kept = await whole.store.load(`${layers}l-${sizes.hidden}h-${sizes.ffn}f-${sizes.heads}q-${sizes.kvHeads}k`);
  const own = trial(teacher);
  const student = applyPlan(teacher, makePlan(own.pruner, teacher.architecture, scores, target));
  const quiet: StageTools = { report: () => undefined, signal: new AbortController().signal };
  const once = await trainModel(
    student,
    teacher,
    { ...own.training, schedule: own.schedule(0), tokens: 48, data: own.text() },
    context,
    quiet,
  );
  for (const { name } of student.family.weights(student.architecture)) {
    const tensor = await kept?.checkpoint.read(`student/${name}`);
    expect(tensor?.data).toEqual(await once.model.weights.read(name));
  }
  expect(kept?.checkpoint.step).toBe(4);
});

test('a search that is stopped goes on where it was, to the same end', async () => {
  const inner = memoryStore();
  const first = watched(inner, 3);
  await expect(explore(first.store, first.signal)).rejects.toThrow('cancelled');
  const second = watched(inner);
  const resumed = await explore(second.store);
  expect(second.saved).toHaveLength(whole.saved.length - 3);
  expect([...first.saved, ...second.saved]).toEqual(whole.saved);
  expect(resumed.candidates).toEqual(uninterrupted.candidates);
});

test('validation text that fills no batch is refused', async () => {
  const teacher = await tinyLlama();
  const none: Trial = { ...trial(teacher), validation: () => packed([[1, 2, 3]], size) };
  const attempt = Pipeline.of({ teacher, scores }, context)
    .pipe(searchWith(halvingSearch(options), { kind: 'share', share: 0.8 }, () => none))
    .run();
  await expect(attempt).rejects.toThrow('rank candidates by validation loss: there is no whole batch of text');
});
