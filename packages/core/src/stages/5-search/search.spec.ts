// The search stage: what it reports, and what it asks of a strategy.
import { expect, test } from 'vitest';
import { referenceBackend } from '../../backend/index.js';
import { Pipeline, type PipelineEvent } from '../../pipeline/index.js';
import { random } from '../../random.js';
import { toyModel } from '../testing/toy-model.js';
import type { SearchStrategy } from './search-strategy.js';
import { search } from './search.js';
import { parseTarget } from './target.js';

const context = { backend: referenceBackend(), random: random(1) };
/** 312 parameters; a layer has 96. */
const teacher = toyModel();

const toLayers = (layers: number): SearchStrategy => ({
  name: 'fixed',
  summary: '',
  choose: ({ architecture }) => ({ ...architecture, layers }),
});

async function run(strategy: SearchStrategy, target: string) {
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
  expect(findings[1]?.message).toBe('120 parameters are the nearest possible at or below 156, 23.1% under it');
  expect(findings[1]?.data).toEqual({ target: 156, reached: 120 });
});

test('an explicit shape does not ask the strategy', async () => {
  const { architecture, findings } = await run(toLayers(1), 'ffn=5,layers=2');
  expect(architecture).toMatchObject({ layers: 2, sizes: { ffn: 5, hidden: 4 } });
  expect(findings).toHaveLength(1);
});

test('a strategy that misses the target is named', async () => {
  await expect(run(toLayers(2), '50%')).rejects.toThrow('at most 156 parameters with fixed: it chose one of 216');
  await expect(run(toLayers(4), '50%')).rejects.toThrow('prune to layers 4: the model has layers 3');
});
