import { describe, expect, test } from 'vitest';
import { referenceBackend } from '../../backend/index.js';
import { InputError } from '../../errors.js';
import { hostIntegers } from '../../backend/index.js';
import { argMax, input, program } from '../../graph/index.js';
import { runnerWeights } from '../../model/index.js';
import { Pipeline, type PipelineEvent } from '../../pipeline/index.js';
import { random } from '../../random.js';
import { toyModel } from '../testing/toy-model.js';
import { evaluate } from './evaluate.js';
import type { Evaluator } from './evaluator.js';

const model = toyModel();
const context = { backend: referenceBackend(), random: random(1) };

/** Gives what the model says after token 2, computed on the shared runner. */
const nextToken: Evaluator = {
  name: 'next',
  summary: 'for tests',
  async evaluate(runner) {
    const ids = input('ids', [1, 1], 'int32');
    const logits = runner.model.family.forward(runner.model.architecture, { ids, weight: runnerWeights(runner.model) });
    const said = program('next', { outputs: { id: argMax(logits, 1) } });
    const { id } = await runner.run(said, { ids: hostIntegers(2, [1, 1]) });
    return id?.data[0] ?? null;
  },
};
const constant: Evaluator = { name: 'constant', summary: 'for tests', evaluate: () => Promise.resolve({ value: 7 }) };

function run(evaluators: readonly Evaluator[], show?: (event: PipelineEvent) => void) {
  return Pipeline.of({ student: model, other: 'kept' }, context)
    .pipe(evaluate(evaluators, { documents: [[1, 2]] }))
    .run(show);
}

describe('stage evaluate', () => {
  test('adds the results by name, reports each, and keeps what it was given', async () => {
    const findings: string[] = [];
    const state = await run([nextToken, constant], (event) => {
      if (event.type === 'finding' && event.message !== '') findings.push(event.message);
    });
    expect(state.evaluation).toEqual({ next: 4, constant: { value: 7 } });
    expect(state.other).toBe('kept');
    expect(state.student).toBe(model);
    expect(findings).toEqual([
      expect.stringMatching(/^measuring 3 layers.*parameters$/),
      'next: 4',
      'constant: value 7',
    ]);
  });

  test('refuses two evaluators of one name', async () => {
    await expect(run([constant, nextToken, constant])).rejects.toThrow(InputError);
    await expect(run([constant, constant])).rejects.toThrow(/"constant" is there twice/);
  });

  test('refuses a result with a number that is none, naming evaluator and field', async () => {
    const broken: Evaluator = {
      ...constant,
      name: 'broken',
      evaluate: () => Promise.resolve({ loss: NaN, tokens: 3 }),
    };
    await expect(run([constant, broken])).rejects.toThrow(InputError);
    await expect(run([constant, broken])).rejects.toThrow('measure "broken": its "loss" is NaN.');
  });

  test('gives the device back when an evaluator fails', async () => {
    let disposed = 0;
    const { backend } = context;
    const watched: typeof backend = {
      ...backend,
      createState: async (types, device) => {
        const state = await backend.createState(types, device);
        return {
          types: state.types,
          read: (names) => state.read(names),
          write: (values) => state.write(values),
          dispose: () => (disposed++, state.dispose()),
        };
      },
    };
    const failing: Evaluator = { ...constant, evaluate: () => Promise.reject(new Error('broken')) };
    const attempt = Pipeline.of({ student: model }, { ...context, backend: watched })
      .pipe(evaluate([failing], { documents: [] }))
      .run();
    await expect(attempt).rejects.toThrow('broken');
    expect(disposed).toBe(1);
  });

  test('gives every evaluator the same text, and leaves out one that it has nothing for', async () => {
    const told: Evaluator = {
      name: 'told',
      summary: 'for tests',
      evaluate: (_runner, { documents, items, contextLength }) =>
        Promise.resolve({ documents: documents.length, items: items.length, contextLength }),
    };
    const asking: Evaluator = { ...told, name: 'asking', applies: ({ items }) => items.length > 0 };
    const { evaluation } = await run([told, asking]);
    expect(evaluation).toEqual({
      told: { documents: 1, items: 0, contextLength: model.architecture.contextLength },
    });
  });
});
