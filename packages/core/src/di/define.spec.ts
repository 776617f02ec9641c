// Plugins as an author writes them, looked up by name as a recipe does.
import { inject, injectable } from 'tsyringe';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { random, type Random } from '../random.js';
import type { ImportanceScorer } from '../stages/4-score/index.js';
import { createRunContainer, createStrategy, provideServices, strategies } from './container.js';
import { schedule, scorer } from './define.js';
import { definePlugin } from './plugin.js';
import { runTokens, type Logger } from './tokens.js';

const silent: ImportanceScorer = { name: 'silent', summary: 'scores nothing', observe: () => [], score: () => ({}) };
const constant = schedule({
  name: 'constant',
  summary: 'one rate',
  options: z.strictObject({ rate: z.number().positive(), shape: z.enum(['flat', 'round']).default('flat') }),
  create: ({ rate }) => ({ name: 'constant', summary: 'one rate', rate: () => rate }),
});
const containerOf = (...provides: Parameters<typeof definePlugin>[0]['provides'][number][]) =>
  createRunContainer([definePlugin({ name: 'espalier-plugin-test', provides })]);

test('a strategy without options is used as it is, and refuses options', () => {
  const container = containerOf(scorer(silent));
  expect(createStrategy(container, 'scorer', 'silent')).toBe(silent);
  expect(() => createStrategy(container, 'scorer', 'silent', { fold: 1 })).toThrow(
    'use scorer "silent" of espalier-plugin-test: "fold" is not an option of it. It takes no options.',
  );
});

test('options are checked by the schema before the strategy is made', () => {
  const container = containerOf(constant);
  expect(createStrategy(container, 'schedule', 'constant', { rate: 0.5 }).rate(0, 1)).toBe(0.5);
});

test.each([
  [{ rat: 1 }, 'Perhaps "rate" was meant. Its options are rate, shape'],
  [{ rate: -1 }, 'option rate: Too small: expected number to be >0. Correct the option. Its options are rate, shape'],
  [{ rate: 1, shape: 'square' }, 'option shape: Invalid option: expected one of "flat"|"round"'],
  [{}, 'option rate: Invalid input: expected number, received undefined'],
])('an error in options names plugin, option and what is allowed: %j', (options, message) => {
  const attempt = (): unknown => createStrategy(containerOf(constant), 'schedule', 'constant', options);
  expect(attempt).toThrow(message);
  expect(attempt).toThrow('of espalier-plugin-test');
});

@injectable()
class Told implements ImportanceScorer {
  readonly name = 'told';
  readonly summary = 'scores layers by a number it is told';
  constructor(
    @inject(runTokens.logger) private readonly logger: Logger,
    @inject(runTokens.options) readonly options: { readonly depth: number },
  ) {}
  observe() {
    this.logger.info(`depth ${this.options.depth}`);
    return [];
  }
  score() {
    return { layers: [this.options.depth] };
  }
}

describe('a strategy that is a class', () => {
  const told = scorer({ name: 'told', summary: '', options: z.strictObject({ depth: z.int() }), use: Told });

  test('gets what it asks for injected, and its own options for every use', () => {
    const container = containerOf(told);
    const lines: string[] = [];
    const logger: Logger = { info: (line) => lines.push(line), warn: () => undefined };
    provideServices(container, { logger, random: random(1) });
    const [one, two] = [1, 2].map((depth) => createStrategy(container, 'scorer', 'told', { depth }));
    const architecture = undefined as never;
    one?.observe(architecture);
    two?.observe(architecture);
    expect(lines).toEqual(['depth 1', 'depth 2']);
  });

  test('is told what is not there when it asks for it', () => {
    expect(() => createStrategy(containerOf(told), 'scorer', 'told', { depth: 1 })).toThrow(
      'make scorer "told": its class asks for Symbol(espalier.run.logger), which is not there',
    );
  });

  test('draws the same from its stream however often it is made, and not what another one draws', () => {
    @injectable()
    class Drawn implements ImportanceScorer {
      readonly name = 'drawn';
      readonly summary = '';
      readonly layers: readonly number[];
      constructor(@inject(runTokens.random) stream: Random) {
        this.layers = [stream.uniform(), stream.uniform()];
      }
      observe() {
        return [];
      }
      score() {
        return { layers: this.layers };
      }
    }
    const container = containerOf(...['one', 'two'].map((name) => scorer({ name, summary: '', use: Drawn })));
    const run = random(1);
    provideServices(container, { random: run });
    const draw = (name: string): unknown => createStrategy(container, 'scorer', name).score(undefined as never);
    const first = draw('one');
    run.uniform();
    expect(draw('one')).toEqual(first);
    expect(draw('two')).not.toEqual(first);
  });

  test('cannot be made outside a container', () => {
    expect(() => told.create({ depth: 1 })).toThrow('make it with createStrategy');
  });
});

test('a definition knows the plugin it came with, and two plugins of one name and kind are refused', () => {
  const [one, two] = ['one', 'two'].map((name) => definePlugin({ name, provides: [scorer(silent)] }));
  expect(strategies(createRunContainer(one ? [one] : []), 'scorer').map((own) => own.plugin)).toEqual(['one']);
  expect(() => createRunContainer([one, two].flatMap((own) => own ?? []))).toThrow(
    'scorer "silent" is provided by both one and two',
  );
});
