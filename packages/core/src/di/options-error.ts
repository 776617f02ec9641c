// Wrong options of a strategy as one message: plugin, option, what it may be.
import { z, type ZodError } from 'zod';
import { InputError } from '../errors.js';
import { nearest } from '../nearest.js';
import type { StrategyDefinition } from './plugin.js';

/** The error of options that a strategy's schema refused: names the plugin, the option and its allowed values. */
export function wrongOptions(asked: string, { plugin, options }: StrategyDefinition, cause: ZodError): InputError {
  const from = plugin === undefined ? '' : ` of ${plugin}`;
  // A misspelt option is two issues, of which the missing one explains less.
  const issue = cause.issues.find(({ code }) => code === 'unrecognized_keys') ?? cause.issues[0];
  const known = options instanceof z.ZodObject ? Object.keys(options.shape) : [];
  const list = known.length === 0 ? 'It takes no options' : `Its options are ${known.join(', ')}`;
  if (issue?.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys;
    const guess = nearest(key, known);
    const found = `"${key}" is not an option of it`;
    const fix = guess === undefined ? list : `Perhaps "${guess}" was meant. ${list}`;
    return new InputError({ asked: `${asked}${from}`, found, fix }, { cause });
  }
  const option = issue?.path.join('.') ?? '';
  const found =
    option === '' ? `options: ${issue?.message ?? 'not valid'}` : `option ${option}: ${issue?.message ?? ''}`;
  return new InputError({ asked: `${asked}${from}`, found, fix: `Correct the option. ${list}` }, { cause });
}
