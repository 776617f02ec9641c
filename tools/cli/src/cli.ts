// Verbs, flags and exit codes of the `espalier` command.
import { Command, CommanderError, Option } from 'commander';
import { exitCodes } from './exit-codes.js';
import { fraction, integer, nonNegative, positive } from './flags.js';
import { listenForInterrupt } from './interrupt.js';

/** The verbs and their flags; each verb's code is loaded when it runs, so that `--help` answers at once. */
function createProgram(signal: AbortSignal): Command {
  const program = new Command('espalier')
    .description('Prunes and distils transformer language models.')
    .version('0.1.0')
    .exitOverride()
    .showHelpAfterError('(espalier <verb> --help shows the flags and examples)')
    .configureHelp({ sortSubcommands: false });

  const split = (flag: string, description: string): Option =>
    new Option(flag, description).choices(['lines', 'whole']).default('lines');
  const seed = new Option('--seed <n>', 'seed of every random choice').argParser(integer).default(1);
  const threads = new Option('--threads <n>', 'threads of the backend (all cores)').argParser(positive);
  const backend = new Option('--backend <name>', 'ort or tfjs, or one of their devices: ort:webgpu, tfjs:wasm').default(
    'ort',
  );
  const json = new Option('--json', 'print the result as JSON on stdout; all else goes to stderr').default(false);

  program
    .command('compress')
    .description(
      'prune a model to a target size and distil it back, with the comparisons that tell whether it was worth it',
    )
    .requiredOption('--model <folder>', 'Hugging Face folder of the model')
    .requiredOption(
      '--target <size>',
      '50%, 4B, a shape (hidden=48,ffn=96,layers=5), memory=4GiB,length=4096, latency=20ms or throughput=5k',
    )
    .requiredOption('--data <source>', 'text file, "teacher" (the model writes its own text) or "tinytales"')
    .requiredOption('--out <folder>', 'where the distilled model goes')
    .addOption(
      new Option('--method <name>', 'the method whose student is exported')
        .choices(['width', 'depth'])
        .default('width'),
    )
    .option(
      '--no-compare',
      'only prune and distil: leave out the other method, LM-loss retraining and training from scratch',
    )
    .addOption(split('--split <how>', 'how a text file is cut into documents'))
    .option('--eval-data <file>', 'text to evaluate on (default: a tenth of the data, held back)')
    .addOption(split('--eval-split <how>', 'how that text is cut into documents'))
    .option(
      '--max-tokens <n>',
      'evaluate the first tokens of each document, BOS included (default: --length + 1)',
      positive,
    )
    .option('--tokens <n>', 'training tokens of each student (default: 16 per student parameter)', positive)
    .option('--length <n>', 'tokens per training sequence', positive, 256)
    .option('--batch <n>', 'sequences per batch', positive, 4)
    .option('--learning-rate <x>', 'peak learning rate (default: 0.3 / hidden size, 0.005 at most)', fraction)
    .option('--samples <n>', 'sequences for the importance scores', positive, 256)
    .option('--warmup <n>', 'steps of linear warm-up', nonNegative, 20)
    .option('--run <folder>', 'run folder (default: runs/<name of --out>)')
    .option('--overwrite', 'replace a model folder at --out', false)
    .addOption(seed)
    .addOption(threads)
    .addOption(backend)
    .addOption(json)
    .addHelpText(
      'after',
      `
Examples:
  espalier compress --model my-llama --data corpus.txt --target 50% --out my-llama-half
  espalier compress --model my-llama --data teacher --target hidden=3072,ffn=9216 --out small --no-compare`,
    )
    .action(async (flags: unknown) => (await import('./commands/compress.js')).compressCommand(flags, signal));

  program
    .command('evaluate')
    .description('measure a model: loss and perplexity of a text')
    .requiredOption('--model <folder>', 'Hugging Face folder of the model')
    .requiredOption('--data <source>', 'text file, or "tinytales"')
    .addOption(split('--split <how>', 'how a text file is cut into documents'))
    .option(
      '--max-tokens <n>',
      'only the first tokens of each document, BOS included (default: the context, 2048 at most)',
      positive,
    )
    .addOption(seed)
    .addOption(threads)
    .addOption(backend)
    .addOption(json)
    .addHelpText(
      'after',
      '\nExample:\n  espalier evaluate --model my-llama --data stories.txt --split lines --max-tokens 257 --json',
    )
    .action(async (flags: unknown) => (await import('./commands/evaluate.js')).evaluateCommand(flags, signal));

  program
    .command('pretrain')
    .description('train a model from random weights on text')
    .requiredOption('--recipe <file>', 'YAML or JSON: shape, data, tokens, learning rate')
    .requiredOption('--out <folder>', 'where the model goes')
    .option('--overwrite', 'replace a model folder at --out', false)
    .addOption(threads)
    .addOption(backend)
    .addOption(json)
    .addHelpText('after', '\nExample:\n  espalier pretrain --recipe tinytales-teacher.yaml --out teacher')
    .action(async (flags: unknown) => (await import('./commands/pretrain.js')).pretrainCommand(flags, signal));

  program
    .command('devices')
    .description('list what programs can run on: backends, their devices, what absent ones need')
    .option('--bench', 'measure each: matrix products, training, generation', false)
    .addOption(json)
    .action(async (flags: unknown) => (await import('./commands/devices.js')).devicesCommand(flags));

  program
    .command('demo')
    .description('compress the bundled TinyTales teacher to half its size and compare (npm start)')
    .option('--run <folder>', 'run folder', 'runs/demo')
    .option('--tokens <n>', 'training tokens of each student', positive)
    .addOption(seed)
    .addOption(threads)
    .addOption(backend)
    .addOption(json)
    .action(async (flags: unknown) => (await import('./commands/demo.js')).demoCommand(flags, signal));
  return program;
}

/** Runs the command with arguments as a shell gives them and returns the exit code; failures are one paragraph on stderr. */
export async function runCli(argv: readonly string[]): Promise<number> {
  const interrupt = listenForInterrupt();
  try {
    await createProgram(interrupt.signal).parseAsync([...argv], { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodes.badInput;
    const { text, exitCode } = await describe(error);
    process.stderr.write(`${text}\n`);
    return interrupt.signal.aborted ? exitCodes.interrupted : exitCode;
  } finally {
    interrupt.stop();
  }
}

async function describe(error: unknown): Promise<{ readonly text: string; readonly exitCode: number }> {
  const { describeFailure } = await import('./errors.js');
  return describeFailure(error);
}
