// The `espalier` command: its verbs, and what a failure becomes.
import { Command, CommanderError } from 'commander';
import { exitCodes, stopSignals } from './exit-codes.js';
import { listenForInterrupt } from './interrupt.js';
import { watchStreams } from './terminal/closed-pipes.js';
import { complain, parserOutput } from './terminal/notes.js';
import { withVerbosity, type Verbosity } from './terminal/verbosity.js';
import { addModelVerbs } from './verbs/model-verbs.js';
import { addRunVerbs } from './verbs/run-verbs.js';
import { addCommonFlags, finishHelp, helpStyle, refuseRepeats } from './verbs/verb.js';

/** The verbs and their flags; each verb's code is loaded when it runs, so that `--help` answers at once. */
export function createProgram(
  signal: AbortSignal,
  allFlags: boolean,
  speak: (verbosity: Verbosity) => void = () => undefined,
): Command {
  const program = new Command('espalier')
    .description('Prunes and distils transformer language models.')
    .version('0.1.0')
    .exitOverride()
    .configureOutput(parserOutput)
    .showHelpAfterError('(espalier <verb> --help shows the flags and examples)')
    .configureHelp(helpStyle)
    .helpCommand(false)
    .addHelpText(
      'after',
      `
Begin with:
  espalier demo                                     the bundled model
  espalier compress -m M -d corpus.txt -t 50% -o O  your own
  espalier init                                     a recipe to edit, for the rest

Every verb takes -q (only the result, warnings and errors) and -v (progress as
lines, the stack of errors).`,
    );
  addRunVerbs(program, signal);
  addModelVerbs(program, signal);
  addCommonFlags(program, speak);
  finishHelp(program, allFlags);
  refuseRepeats(program);
  return program;
}

/** Runs the command with arguments as a shell gives them and returns the exit code; failures are one paragraph on stderr. */
export function runCli(argv: readonly string[]): Promise<number> {
  return withVerbosity((speak) => called(argv, speak));
}

async function called(argv: readonly string[], speak: (verbosity: Verbosity) => void): Promise<number> {
  const interrupt = listenForInterrupt();
  const streams = watchStreams([process.stdout, process.stderr]);
  try {
    const words = argv.map((word) => (word === '--help-all' ? '--help' : word));
    await createProgram(interrupt.signal, argv.includes('--help-all'), speak).parseAsync(words, { from: 'user' });
    await written();
    // Also a verb that has nothing to break off: whoever asked it to stop is told that it has.
    if (streams.failure === undefined) return interrupt.by === undefined ? 0 : stopSignals[interrupt.by];
    complain(`espalier: ${streams.failure}`);
    return exitCodes.failed;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.code === 'commander.excessArguments') complain((await import('./operand-hint.js')).operandHint(argv));
      await written();
      return error.exitCode === 0 ? 0 : exitCodes.badInput;
    }
    const { text, exitCode } = await describe(error);
    if (error !== interrupt.signal.reason) complain(...text.split('\n')); // that it stops was said at the signal
    await written();
    return interrupt.by === undefined ? exitCode : stopSignals[interrupt.by];
  } finally {
    interrupt.stop();
    streams.stop();
  }
}

/** Ends the process by an error that nobody was there to catch, a plugin's timer say: in words and without secrets, as all others. */
export async function endBy(error: unknown): Promise<never> {
  const { text } = await describe(error);
  complain(...text.split('\n'));
  process.exit(exitCodes.failed);
}

/** Waits until what was printed has gone out, or has failed to. */
async function written(): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) {
    if (!stream.writableNeedDrain && stream.writableLength === 0) continue;
    await new Promise<void>((resolve) => stream.write('', () => resolve()));
  }
  await new Promise((resolve) => setImmediate(resolve)); // errors are told a turn later
}

async function describe(error: unknown): Promise<{ readonly text: string; readonly exitCode: number }> {
  const { describeFailure } = await import('./errors.js');
  return describeFailure(error);
}
