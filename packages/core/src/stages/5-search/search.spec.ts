// The search stage: what it reports, and what it asks of a strategy.
import { expect, test } from 'vitest';
import { referenceBackend } from '../../backend/index.js';
import { Pipeline, type PipelineEvent } from '../../pipeline/index.js';
import { random } from '../../random.js';
import { toyModel } from '../testing/toy-model.js';
import type { ShapeSearch } from './search-strategy.js';
import { chooseArchitecture, search } from './search.js';
import { parseTarget } from './parse-target.js';

const context = { backend: referenceBackend(), random: random(1) };
/** 312 parameters; a layer has 96. */
const teacher = toyModel();

const toLayers = (layers: number): ShapeSearch => ({
  name: 'fixed',
  summary: '',
  choose: ({ architecture }) => ({ ...architecture, layers }),
});

async function run(strategy: ShapeSearch, target: string) {
  const events: PipelineEvent[] = [];
  const { target: architecture } = await Pipeline.of({ teacher }, context)
    .pipe(search(strategy, parseTarget(target)))
    .run((event) => events.push(event));
  const findings = events.flatMap((event) => (event.type === 'finding' ? [event] : []));
  return { architecture, findings };
}

test('the finding has both counts before and after', async () => {
  const { architecture, findings } = await run(toLayers(2), '220');
  expect(architecture.layers).toBe(2);
  expect(findings).toHaveLength(1);
  expect(findings[0]?.message).toBe(
    '2 layers, hidden 4, ffn 6, heads 4 / kv 2 of 2, vocab 5, tied embeddings: ' +
      'parameters 312 to 216 (69.2%), without embeddings 292 to 196 (67.1%)',
  );
  expect(findings[0]?.data).toEqual({
    before: { parameters: 312, nonEmbeddingParameters: 292 },
    after: { parameters: 216, nonEmbeddingParameters: 196 },
  });
});

test('a shape more than a tenth under its target is a finding of its own', async () => {
  const { findings } = await run(toLayers(1), '50%');
  expect(findings[1]?.message).toBe(
    '120 parameters are the nearest possible at or below 156 parameters, 23.1% under it',
  );
  expect(findings[1]?.data).toEqual({ target: 156, reached: 120 });
});

test('an explicit shape does not ask the strategy', async () => {
  const { architecture, findings } = await run(toLayers(1), 'ffn=5,layers=2');
  expect(architecture).toMatchObject({ layers: 2, sizes: { ffn: 5, hidden: 4 } });
  expect(findings).toHaveLength(1);
});

test('a strategy that misses the target is named', async () => {
  await expect(run(toLayers(2), '50%')).rejects.toThrow(
    '50% of the parameters with fixed: it chose one of 216 parameters',
  );
  await expect(run(toLayers(4), '50%')).rejects.toThrow('prune to layers 4: the model has layers 3');
});

/** Lists shapes of 1 to 3 layers within the budget, the largest first. */
const enumerating: ShapeSearch = {
  ...toLayers(1),
  list({ architecture }, { most, cost }) {
    const shapes = [3, 2, 1].map((layers) => ({ ...architecture, layers }));
    const all = shapes.map((own) => ({ architecture: own, cost: cost(own), proxy: own.layers }));
    const candidates = all.filter((own) => own.cost <= most);
    const [largest, , smallest] = all as [(typeof all)[0], (typeof all)[0], (typeof all)[0]];
    const nearest = all.filter((own) => own.cost >= 216);
    return { space: { shapes: 3, feasible: candidates.length, smallest, largest, nearest }, candidates };
  },
};

test('a strategy that enumerates says what it looks through before it chooses', async () => {
  const { architecture, findings } = await run(enumerating, '220');
  expect(architecture.layers).toBe(2);
  expect(findings[0]?.message).toBe(
    '3 shapes from 120 parameters to 312 parameters: 2 within the budget, the nearest to its end are 312 parameters and 216 parameters',
  );
  expect(findings[0]?.data).toMatchObject({
    smallest: { layers: 1, cost: 120 },
    largest: { layers: 3, hidden: 4, cost: 312 },
    candidates: [{ layers: 2, cost: 216 }, { layers: 1 }],
    tokens: 0,
  });
});

test('parameters without embeddings, and memory, are budgets like any other', async () => {
  expect((await run(enumerating, 'non-embedding=200')).architecture.layers).toBe(2);
  // 216 parameters and a cache of 2 layers · 2 · 2 heads · 2 · 10 tokens, in float32: 864 + 640 bytes
  const memory = 'memory=1504B,storage=f32,length=10';
  expect((await run(enumerating, memory)).architecture.layers).toBe(2);
  expect((await run(enumerating, memory.replace('1504', '1503'))).architecture.layers).toBe(1);
  await expect(run(enumerating, 'memory=1MiB')).rejects.toThrow(/the model itself needs [\d.]+ KiB. Give less/);
});

test('a target in time is measured, never guessed', async () => {
  expect(() => chooseArchitecture(toLayers(1), teacher, parseTarget('latency=5ms'))).toThrow('time has to be measured');
  // A millionth of a millisecond is beyond any machine, a minute is not.
  await expect(run(enumerating, 'latency=0.001us,length=4')).rejects.toThrow(/latency|forward pass/);
  await expect(run(enumerating, 'latency=60s,length=4')).rejects.toThrow(/the model itself takes .* ms. Give less/);
});

test('the speed of both shapes is compared when asked, and no gain is a warning', async () => {
  const events: PipelineEvent[] = [];
  await Pipeline.of({ teacher }, context)
    .pipe(search(toLayers(3), parseTarget('100%'), { speed: { batch: 1, length: 4 } }))
    .run((event) => events.push(event));
  // The same shape is measured once: its speed-up over itself is exactly 1.
  const findings = events.flatMap((event) => (event.type === 'finding' ? [event.data] : []));
  expect(findings.at(-1)).toMatchObject({ speedUp: 1 });
  const warnings = events.flatMap((event) => (event.type === 'warning' ? [event.message] : []));
  expect(warnings).toEqual([expect.stringMatching(/will not be faster on this machine.*only 0.0% of the operations/)]);
});
