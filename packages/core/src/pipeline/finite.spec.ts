import { firstValueFrom, lastValueFrom } from 'rxjs';
import { expect, test } from 'vitest';
import { referenceBackend } from '../backend/index.js';
import { InputError } from '../errors.js';
import { random } from '../random.js';
import { finiteResult } from './finite.js';
import { stage } from './stage.js';

const context = { backend: referenceBackend(), random: random(1) };

test('a result without NaN and infinities is given as it is', () => {
  const result = { loss: 1e308, interval: [0, -1], none: null, text: 'NaN' };
  expect(finiteResult('it', result)).toBe(result);
});

test('the first number that is none is named with its place', () => {
  expect(() => finiteResult('"perplexity"', { loss: 1, confidence: [0, Infinity] })).toThrow(InputError);
  expect(() => finiteResult('"perplexity"', { loss: 1, confidence: [0, Infinity] })).toThrow(
    'measure "perplexity": its "confidence.1" is Infinity.',
  );
  expect(() => finiteResult('"quality"', NaN)).toThrow('measure "quality": it is NaN.');
});

test('a stage fails rather than report one', async () => {
  const metric = stage('a', async (value: number, _context, tools) => {
    tools.report({ type: 'metric', name: 'speed', step: 3, value });
    return Promise.resolve(value);
  });
  const finding = stage('b', async (value: number, _context, tools) => {
    tools.report({ type: 'finding', name: 'found', message: 'found', data: { own: [value] } });
    return Promise.resolve(value);
  });
  expect(await lastValueFrom(metric(1, context))).toEqual({ type: 'result', value: 1 });
  await expect(firstValueFrom(metric(NaN, context))).rejects.toThrow('measure "speed" at step 3: it is NaN.');
  await expect(firstValueFrom(finding(-Infinity, context))).rejects.toThrow(
    'measure "found": its "own.0" is -Infinity.',
  );
});

test.each([0.5, NaN, -1, Infinity])('a stage fails rather than count %f', async (count) => {
  const metric = stage('a', async (step: number, _context, tools) => {
    tools.report({ type: 'metric', name: 'speed', step, value: 1 });
    return Promise.resolve(step);
  });
  const progress = stage('b', async (done: number, _context, tools) => {
    tools.report({ type: 'progress', done, total: 10, unit: 'tokens' });
    return Promise.resolve(done);
  });
  expect(await lastValueFrom(progress(3, context))).toEqual({ type: 'result', value: 3 });
  await expect(firstValueFrom(metric(count, context))).rejects.toThrow(`the metric "speed" at step ${count}`);
  await expect(firstValueFrom(progress(count, context))).rejects.toThrow(`report progress of ${count}`);
});
