// Wrong options of a strategy as one message: plugin, option, what it may be.
import { z, ZodError } from 'zod';
import { InputError } from '../errors.js';
import { nearest } from '../nearest.js';
import type { StrategyDefinition } from './plugin.js';

/** What `make` gives. Throws `InputError` where options are wrong: names plugin, option and allowed values. */
export function checkedOptions<Made>(definition: StrategyDefinition, make: () => Made): Made {
  try {
    return make();
  } catch (cause) {
    if (!(cause instanceof ZodError)) throw cause;
    throw wrongOptions(definition, cause);
  }
}

function wrongOptions({ kind, name, plugin, options }: StrategyDefinition, cause: ZodError): InputError {
  const asked = `use ${kind} "${name}"${plugin === undefined ? '' : ` of ${plugin}`}`;
  // A misspelt option is two issues, of which the missing one explains less.
  const issue = cause.issues.find(({ code }) => code === 'unrecognized_keys') ?? cause.issues[0];
  const known = options instanceof z.ZodObject ? Object.keys(options.shape) : [];
  const list = known.length === 0 ? 'It takes no options' : `Its options are ${known.join(', ')}`;
  if (issue?.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys;
    const guess = nearest(key, known);
    const fix = guess === undefined ? list : `Perhaps "${guess}" was meant. ${list}`;
    return new InputError({ asked, found: `"${key}" is not an option of it`, fix }, { cause });
  }
  const option = issue?.path.join('.') ?? '';
  const found = `${option === '' ? 'options' : `option ${option}`}: ${issue?.message ?? 'not valid'}`;
  return new InputError({ asked, found, fix: `Correct the option. ${list}` }, { cause });
}
