// Numbers given as flags: what is taken, and the bound that is named where they are not.
import { InvalidArgumentError, type Command, type Option } from 'commander';
import { expect, test } from 'vitest';
import { createProgram } from './cli.js';
import { Several } from './verbs/verb.js';
import { fraction, integer, limits, nonNegative, positive, temperature } from './flags.js';

const huge = ['1e308', '9'.repeat(400), '99999999999999999999', '-1', '0', '', ' ', 'NaN', 'Infinity', '0x10', '1.5', '½', '1,000', 'constructor']; // prettier-ignore

test.each(Object.entries(limits))('%s has a bound with a reason, and takes what is below it', (_name, limit) => {
  const read = positive(limit);
  for (const text of huge) expect(() => read(text)).toThrow(/It must be/);
  expect(() => read('9'.repeat(400))).toThrow(`It must be at most ${limit[0]}: ${limit[1]}.`);
  expect(() => read(String(limit[0] + 1))).toThrow(limit[1]);
  expect(read(String(limit[0]))).toBe(limit[0]);
  expect(read('1')).toBe(1);
});

test('units and zero', () => {
  for (const text of ['1.5M', '1.5e6', '1500k', '15e5']) expect(positive(limits.tokens)(text)).toBe(1_500_000);
  expect(nonNegative(limits.steps)('0')).toBe(0);
  expect(() => positive(limits.batch)('70k')).toThrow(/at most 65536/);
});

test('seeds, shares and temperatures', () => {
  expect(integer('-7')).toBe(-7);
  for (const text of ['1e5', '9007199254740993', '9'.repeat(400), '', 'constructor'])
    expect(() => integer(text)).toThrow();
  for (const text of ['1e308', '-1', 'NaN', '']) expect(() => temperature(text)).toThrow();
  for (const text of ['1.1', '0', '-0.1', 'NaN', '1e308']) expect(() => fraction(text)).toThrow();
});

const odd = [
  '-1',
  '0',
  '0.5',
  '1e308',
  '1e999',
  '-1e308',
  '9007199254740992',
  'NaN',
  'Infinity',
  'abc',
  '',
  ' ',
  '٣',
  '0x10',
  '1_000',
];

/** Every flag of every verb that is read by a function of its own. */
function numericFlags(command: Command): readonly (readonly [string, Option])[] {
  const own = command.options.flatMap((option) =>
    option.parseArg === undefined || option instanceof Several
      ? []
      : [[`${command.name()} ${option.flags}`, option] as const],
  );
  return [...own, ...command.commands.flatMap((sub) => numericFlags(sub))];
}
const flags = numericFlags(createProgram(new AbortController().signal, true));

test.each(flags)(
  '%s takes odd numbers as a number within its bounds, or refuses them in words',
  (_name, { parseArg }) => {
    for (const text of odd) {
      try {
        const value: unknown = parseArg?.(text, undefined);
        expect(value, text).toSatisfy(
          (own: unknown) => typeof own === 'number' && Math.abs(own) <= 1e15 && !Number.isNaN(own),
        );
      } catch (error) {
        expect(error, text).toBeInstanceOf(InvalidArgumentError);
      }
    }
  },
);
