// A ranking that is checked: how far that has come is told, and it ends when nobody listens any more.
import { expect, test } from 'vitest';
import { referenceBackend, type Backend } from '../../backend/index.js';
import { batchList, padRows } from '../../data/index.js';
import { fullPlan } from '../../model/index.js';
import { random } from '../../random.js';
import { toyModel } from '../testing/toy-model.js';
import { checkRanking } from './check-ranking.js';
import { keepBest, type Pruner } from './pruner.js';

const pruner: Pruner = {
  name: 'fixed',
  summary: '',
  plan: (architecture, scores, { layers }) => ({
    ...fullPlan({ ...architecture, layers }),
    layers: keepBest(scores.layers ?? [], layers),
  }),
};

/** The reference backend, and how many runs were begun on it. */
function counting(): { readonly backend: Backend; runs(): number } {
  const backend = referenceBackend();
  let runs = 0;
  return {
    backend: {
      ...backend,
      async compile(program, device) {
        const executable = await backend.compile(program, device);
        const run: typeof executable.run = (inputs, own) => ((runs += 1), executable.run(inputs, own));
        return { program, run, dispose: () => executable.dispose() };
      },
    },
    runs: () => runs,
  };
}

const teacher = toyModel();
const state = { teacher, target: { ...teacher.architecture, layers: 2 }, scores: { layers: [3, 1, 2] } };
const batch = padRows([[1, 2]], { batch: 1, length: 2 });
const stage = checkRanking({ pruner, data: batchList([batch, batch]) });

test('it tells how many of its runs are done', async () => {
  const { backend, runs } = counting();
  const done: number[] = [];
  await new Promise<void>((resolve, reject) => {
    stage(state, { backend, random: random(1) }).subscribe({
      next: (event) => event.type === 'progress' && done.push(event.done),
      complete: resolve,
      error: reject,
    });
  });
  expect([done, runs()]).toEqual([[1, 2, 3, 4, 5, 6], 6]);
});

test('once nobody listens, no further run begins', async () => {
  const { backend, runs } = counting();
  const ended = new Promise<void>((resolve) => {
    const subscription = stage(state, { backend, random: random(1) }).subscribe((event) => {
      if (event.type !== 'progress') return;
      subscription.unsubscribe();
      setTimeout(resolve, 100);
    });
  });
  await ended;
  expect(runs()).toBe(1);
});
