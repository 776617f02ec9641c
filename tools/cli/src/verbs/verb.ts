// How every verb is declared: a line, examples before the flags, flags in groups; the rarer ones are shown by --help-all.
import { Option, type Command } from 'commander';
import type { Verbosity } from '../terminal/verbosity.js';

/** A flag that may be given several times; any other is refused when it is. */
export class Several extends Option {}

/** `--json`, and what is printed then: the members of the result, in backticks. */
export class JsonFlag extends Option {
  constructor(readonly gives: string) {
    super('--json', 'the result as JSON on stdout');
    this.default(false);
  }
}

/** Adds a verb; `examples` are what stands after `espalier`. */
export function verb(program: Command, usage: string, summary: string, examples: readonly string[]): Command {
  const lines = examples.map((example) => `  espalier ${example}`);
  const about = `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.\n\n${lines.join('\n')}`;
  return program.command(usage).summary(summary).description(about);
}

/** A group of flags in the help, the rare ones left out of it. */
export function group(
  command: Command,
  heading: string,
  usual: readonly Option[],
  rare: readonly Option[] = [],
): Command {
  for (const option of [...usual, ...rare.map((own) => own.hideHelp())])
    command.addOption(option.helpGroup(`${heading}:`));
  return command;
}

/** Choices and defaults in few words. */
export const helpStyle = {
  optionDescription({ description, argChoices, defaultValue, defaultValueDescription, negate }: Option): string {
    const hasDefault =
      !negate && typeof defaultValue !== 'boolean' && defaultValue !== undefined && defaultValue !== '';
    const preset = defaultValueDescription ?? (hasDefault ? String(defaultValue) : undefined);
    const choices = argChoices?.join(', ');
    const notes = [
      ...(choices === undefined ? [] : [choices]),
      ...(preset === undefined ? [] : [`default: ${preset}`]),
    ];
    return notes.length === 0 ? description : `${description} (${notes.join('; ')})`;
  },
  subcommandTerm(command: Command): string {
    const [name, ...aliases] = [command.name(), ...command.aliases()];
    const operands = command.registeredArguments.map((own) => (own.required ? `<${own.name()}>` : `[${own.name()}]`));
    return [[name, ...aliases].join(', '), ...operands].join(' ');
  },
};

/** What every verb takes, and means the same by. */
export const commonGroup = 'Every verb';

/** Adds the flags that every verb takes; `speak` is told of them before the verb works. */
export function addCommonFlags(command: Command, speak: (verbosity: Verbosity) => void): void {
  for (const own of command.commands) addCommonFlags(own, speak);
  if (command.commands.length > 0) return;
  const quiet = new Option('-q, --quiet', 'on stderr only warnings and errors').default(false).conflicts('verbose');
  const verbose = new Option('-v, --verbose', 'progress as lines, one a second, and the stack of errors').default(
    false,
  );
  group(command, commonGroup, [], [quiet, verbose]);
  command.hook('preAction', () => {
    const { quiet: less, verbose: more } = command.opts<{ quiet: boolean; verbose: boolean }>();
    if (less) speak('quiet');
    else if (more) speak('verbose');
  });
}

/** Says what each verb's help leaves out, or with `all` leaves out nothing. */
export function finishHelp(command: Command, all: boolean): void {
  if (command.parent !== null)
    command.helpCommand(false).addHelpOption(new Option('-h, --help', 'this help').hideHelp());
  const rare = command.options.filter(({ hidden }) => hidden);
  if (all) for (const option of rare) option.hideHelp(false);
  else if (rare.length > 0)
    command.addHelpText('after', `\nMore (--help-all): ${rare.map(({ long }) => long ?? '').join(' ')}`);
  for (const own of command.commands) finishHelp(own, all);
}

/** Refuses a flag that is given twice: the first would be lost without a word. */
export function refuseRepeats(command: Command): void {
  for (const option of command.options) {
    if (option instanceof Several || option.variadic) continue;
    let times = 0;
    command.on(`option:${option.name()}`, () => {
      times += 1;
      if (times > 1) command.error(`error: option '${option.flags}' was given more than once; it takes one value`);
    });
  }
  for (const own of command.commands) refuseRepeats(own);
}
