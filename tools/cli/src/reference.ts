// Every verb as plain data, from the definitions that parse it: what docs/commands.md is made of.
import type { Command, Option } from 'commander';
import { createProgram } from './cli.js';
import { exitCodes, stopSignals } from './exit-codes.js';
import { JsonFlag } from './verbs/verb.js';
export { commonGroup } from './verbs/verb.js';

/** A flag. */
export interface FlagReference {
  /** As it is written: `-m, --model <name>`. */
  readonly flags: string;
  readonly meaning: string;
  readonly choices: readonly string[];
  /** In words or as given; nothing where there is none. */
  readonly preset: string | undefined;
  readonly mandatory: boolean;
  /** Heading that it stands under in the help. */
  readonly group: string;
}

/** A verb. */
export interface VerbReference {
  /** Words after `espalier`: `recipes copy`. */
  readonly name: string;
  readonly aliases: readonly string[];
  /** Heading that it stands under in the help. */
  readonly group: string;
  readonly summary: string;
  /** Whole lines. */
  readonly examples: readonly string[];
  readonly operands: readonly { readonly written: string; readonly meaning: string }[];
  readonly flags: readonly FlagReference[];
  /** What `--json` prints, members in backticks; nothing for a verb without it. */
  readonly json: string | undefined;
}

/** All verbs that do something, in the order of the help; those with verbs below them are named by these. */
export function verbReferences(): readonly VerbReference[] {
  const program = createProgram(new AbortController().signal, false);
  return program.commands.flatMap((own) => below(own, '', own.helpGroup()));
}

/** Exit codes, in order, with what they say. */
export function exitCodeReferences(): readonly (readonly [number, string])[] {
  return [
    [0, 'done'],
    [exitCodes.failed, 'failed while working'],
    [exitCodes.badInput, 'wrong input: a flag, a recipe, a file'],
    ...Object.entries(stopSignals)
      .map(([signal, code]) => [code, `stopped by ${signal}, in good order: \`espalier resume\` goes on`] as const)
      .toSorted(([a], [b]) => a - b),
  ];
}

function below(command: Command, before: string, group: string): readonly VerbReference[] {
  const name = `${before}${command.name()}`;
  if (command.commands.length > 0) {
    const own = command.commands.flatMap((each) => below(each, `${name} `, group));
    return own.map((each, index) =>
      index === 0 ? { ...each, examples: [...examplesOf(command), ...each.examples] } : each,
    );
  }
  const json = command.options.find((own) => own instanceof JsonFlag);
  return [
    {
      name,
      aliases: command.aliases(),
      group: group.replace(/:$/, ''),
      summary: command.summary() === '' ? command.description() : command.summary(),
      examples: examplesOf(command),
      operands: command.registeredArguments.map((own) => ({
        written: own.required ? `<${own.name()}>` : `[${own.name()}]`,
        meaning: own.description,
      })),
      flags: command.options.map(flagOf),
      json: json?.gives,
    },
  ];
}

/** `verb` writes them below the first line of the description. */
function examplesOf(command: Command): readonly string[] {
  const [, examples] = command.description().split('\n\n');
  return examples === undefined ? [] : examples.split('\n').map((line) => line.trim());
}

function flagOf({
  flags,
  description,
  argChoices,
  defaultValue,
  defaultValueDescription,
  mandatory,
  negate,
  helpGroupHeading,
}: Option): FlagReference {
  const value: unknown = defaultValue;
  const given =
    !negate && (typeof value === 'number' || (typeof value === 'string' && value !== '')) ? String(value) : undefined;
  return {
    flags,
    meaning: description,
    choices: argChoices ?? [],
    preset: defaultValueDescription ?? given,
    mandatory,
    group: (helpGroupHeading ?? 'Flags:').replace(/:$/, ''),
  };
}
