// A stage between other neighbours.
import { expect, test } from 'vitest';
import { referenceBackend } from '../backend/index.js';
import { random } from '../random.js';
import { adapt } from './adapt.js';
import { Pipeline } from './pipeline.js';
import { stage } from './stage.js';

const context = { backend: referenceBackend(), random: random(1) };

test('what it gets, gives, may use and is called is as the fit says; reports pass', async () => {
  const double = stage('double', async (value: number, { random: stream }, tools) => {
    tools.report({ type: 'metric', name: 'drawn', step: 0, value: stream.integer(1000) });
    return Promise.resolve(2 * value);
  });
  const events: string[] = [];
  const value = await Pipeline.of({ text: 'four' }, context)
    .pipe(
      adapt(() => double, {
        name: 'first/double',
        into: ({ text }: { readonly text: string }) => text.length,
        outOf: ({ text }, result) => `${text}: ${result}`,
        context: (run) => ({ ...run, random: run.random.fork('first') }),
      }),
    )
    .run((event) => events.push(`${event.stage} ${event.type === 'metric' ? event.value : event.type}`));
  expect(value).toBe('four: 8');
  const drawn = random(1).fork('first').integer(1000);
  expect(events).toEqual(['first/double stage-started', `first/double ${drawn}`, 'first/double stage-finished']);
});
