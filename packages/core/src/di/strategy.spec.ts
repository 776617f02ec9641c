// Plugins as an author writes them, looked up by name as a recipe does.
import { inject, injectable } from 'tsyringe';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { random, type Random } from '../random.js';
import type { ImportanceScorer } from '../stages/4-score/index.js';
import type { DataLoss } from '../stages/7-distil/index.js';
import { createRunContainer, createStrategy, provideServices, strategies } from './container.js';
import { definePlugin } from './plugin.js';
import { strategy } from './strategy.js';
import { runTokens, type Logger } from './tokens.js';

const silent = strategy('scorer', {
  name: 'silent',
  summary: 'scores nothing',
  create: () => ({ observe: () => [], score: () => ({}) }),
});
const constant = strategy('schedule', {
  name: 'constant',
  summary: 'one rate',
  options: z.strictObject({ rate: z.number().positive(), shape: z.enum(['flat', 'round']).default('flat') }),
  create:
    ({ rate, shape }) =>
    (step) =>
      shape === 'flat' ? rate : rate * step,
});
const containerOf = (...provides: Parameters<typeof definePlugin>[0]['provides'][number][]) =>
  createRunContainer([definePlugin({ name: 'espalier-plugin-test', provides })]);

test('a strategy without options is made by name, with what its declaration says, and refuses options', () => {
  const container = containerOf(silent);
  expect(createStrategy(container, 'scorer', 'silent')).toMatchObject({ name: 'silent', summary: 'scores nothing' });
  expect(() => createStrategy(container, 'scorer', 'silent', { fold: 1 })).toThrow(
    'use scorer "silent" of espalier-plugin-test: "fold" is not an option of it. It takes no options.',
  );
});

test('a copy of a declared strategy keeps its name', () => {
  expect({ ...silent }).toMatchObject({ kind: 'scorer', name: 'silent', summary: 'scores nothing' });
});

test('options are checked by the schema before the strategy is made', () => {
  const container = containerOf(constant);
  expect(createStrategy(container, 'schedule', 'constant', { rate: 0.5 })(3, 4)).toBe(0.5);
});

describe('a declaration that is called', () => {
  test('gives the same strategy as its name in a recipe, defaults filled in', () => {
    expect(constant({ rate: 0.5 })(3, 4)).toBe(0.5);
    expect(constant({ rate: 0.5, shape: 'round' })(3, 4)).toBe(1.5);
    expect(silent().name).toBe('silent');
    expect([constant.kind, constant.name, constant.summary]).toEqual(['schedule', 'constant', 'one rate']);
  });

  test('refuses wrong options in the words that a recipe gets', () => {
    const wrong = JSON.parse('{ "rate": -1 }') as { rate: number };
    const inRecipe = (): unknown => createStrategy(containerOf(constant), 'schedule', 'constant', wrong);
    expect(() => constant(wrong)).toThrow(
      'use schedule "constant": option rate: Too small: expected number to be >0. Correct the option.',
    );
    expect(inRecipe).toThrow('option rate: Too small: expected number to be >0. Correct the option.');
  });

  test('is as narrow as what it makes, and knows which options may be left out', () => {
    const term = strategy('loss', {
      name: 'nought',
      summary: '',
      create: () => ({ needsTeacher: false, loss: ({ logits }) => logits }),
    });
    const narrow: DataLoss = term();
    const counted = strategy('evaluator', {
      name: 'counted',
      summary: '',
      create: () => ({
        evaluate: () => Promise.resolve({ count: 1 }),
        objective: ({ count }: { count: number }) => count,
      }),
    });
    const objective: number | undefined = counted().objective?.({ count: 2 });
    // @ts-expect-error rate is required
    expect(() => constant()).toThrow('option rate');
    expect([narrow.name, objective]).toEqual(['nought', 2]);
  });
});

test.each([
  ['scorer', 'axes'],
  ['loss', 'weight'],
  ['transform', 'at'],
  ['optimizer', 'name'],
  ['optimizer', 'options'],
] as const)('a %s cannot have an option "%s", which recipes write beside the options', (kind, option) => {
  const declared = (): unknown =>
    strategy(kind, {
      name: 'mine',
      summary: '',
      options: z.strictObject({ [option]: z.string() }),
      use: Symbol('mine'),
    });
  expect(declared).toThrow(`${kind} "mine": an option cannot be called "${option}"`);
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
class Told {
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
  const told = strategy('scorer', {
    name: 'told',
    summary: 'by heart',
    options: z.strictObject({ depth: z.int() }),
    use: Told,
  });

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
    expect(told({ depth: 3 }, container)).toMatchObject({ name: 'told', summary: 'by heart' });
  });

  test('is told what is not there when it asks for it', () => {
    expect(() => createStrategy(containerOf(told), 'scorer', 'told', { depth: 1 })).toThrow(
      'make scorer "told": its class asks for logger, which is not there. A class may ask for logger, random, backend, runFolder, clock',
    );
  });

  test('draws the same from its stream however often it is made, and not what another one draws', () => {
    @injectable()
    class Drawn implements Pick<ImportanceScorer, 'observe' | 'score'> {
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
    const container = containerOf(
      ...['one', 'two'].map((name) => strategy('scorer', { name, summary: '', use: Drawn })),
    );
    const run = random(1);
    provideServices(container, { random: run });
    const draw = (name: string): unknown => createStrategy(container, 'scorer', name).score(undefined as never);
    const first = draw('one');
    run.uniform();
    expect(draw('one')).toEqual(first);
    expect(draw('two')).not.toEqual(first);
  });

  test('cannot be made outside a container', () => {
    expect(() => told({ depth: 1 })).toThrow(
      'make scorer "told": it is a class, and its services come from a container',
    );
  });
});

test('a definition knows the plugin it came with, and two plugins of one name and kind are refused', () => {
  const [one, two] = ['one', 'two'].map((name) => definePlugin({ name, provides: [silent] }));
  expect(strategies(createRunContainer(one ? [one] : []), 'scorer').map((own) => own.plugin)).toEqual(['one']);
  expect(() => createRunContainer([one, two].flatMap((own) => own ?? []))).toThrow(
    'scorer "silent" is provided by both one and two',
  );
});

test('a plugin of a kind that there is not is refused, with the kinds that there are', () => {
  const foreign = { ...silent, kind: 'toString', name: 'odd', summary: '' };
  const plugin = JSON.parse(JSON.stringify({ name: 'strange', provides: [foreign] })) as Parameters<
    typeof definePlugin
  >[0];
  expect(() => createRunContainer([plugin])).toThrow(
    'use plugin strange: it provides toString "odd", and kinds are backend, balancer, data, evaluator,',
  );
});
