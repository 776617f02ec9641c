// Verbs that work on a run: whole, on from where it stopped, one stage, what it is doing.
import { Option, type Command } from 'commander';
import { fraction, limits, nonNegative, positive } from '../flags.js';
import {
  backend,
  dataHelp,
  field,
  givenFlags,
  json,
  modelHelp,
  offline,
  plugin,
  revision,
  seed,
  split,
  threads,
  trust,
  trustedPlugin,
} from './options.js';

/** Adds `demo`, `compress`, `resume`, `status` and the verbs of single stages. */
export function addRunVerbs(program: Command, signal: AbortSignal): void {
  addCompressFlags(
    program
      .command('compress')
      .description('prune a model and distil it back, with the comparisons that tell whether it was worth it'),
  )
    .option('--run <folder>', 'run folder (default: runs/<name>, or the first free of runs/<name>-2, …)')
    .option('--overwrite', 'replace a run at --run and a model at --out', false)
    .addOption(json())
    .addHelpText(
      'after',
      `
Examples:
  espalier compress --model my-llama --data corpus.txt --target 50% --out my-llama-half
  espalier compress --model my-llama --data teacher --target hidden=3072,ffn=9216 --out small --no-compare
  espalier compress --recipe recipe.yaml
  espalier compress --recipe llama-3.1-8b-to-4b-width --model ./Llama-3.1-8B --data hub:HuggingFaceFW/fineweb-edu`,
    )
    .action(async (flags: unknown, command: Command) =>
      (await import('../commands/compress.js')).compressCommand(flags, givenFlags(command), signal),
    );

  program
    .command('resume')
    .description('go on with a run that was stopped or killed; the result is the same as without the break')
    .argument('<run>', 'run folder')
    .addOption(trustedPlugin())
    .addOption(trust())
    .option('--out <folder>', 'where the model goes, in place of what the run began with')
    .option('--overwrite', 'replace a model that is there', false)
    .addOption(offline())
    .addOption(json())
    .addHelpText('after', '\nExample:\n  espalier resume runs/my-llama-half')
    .action(async (run: string, flags: unknown) =>
      (await import('../commands/resume.js')).resumeCommand(run, flags, signal),
    );

  program
    .command('demo')
    .description('compress the bundled TinyTales teacher to half its size and compare (npm start)')
    .option('--run <folder>', 'run folder; a run that is there is replaced', 'runs/demo')
    .option('--tokens <n>', 'training tokens of each student', positive(limits.tokens))
    .addOption(seed())
    .addOption(threads())
    .addOption(backend())
    .addOption(json())
    .addHelpText('after', '\nExample:\n  espalier demo')
    .action(async (flags: unknown) => (await import('../commands/demo.js')).demoCommand(flags, signal));
}

/** Adds `plan`, `status`, `report`, `export` and a verb for every stage. */
export function addStageVerbs(program: Command, signal: AbortSignal): void {
  addCompressFlags(program.command('plan').description('what a recipe or flags would do and cost; reads no weights'))
    .option('--no-time', 'leave out the two seconds that this machine is timed for')
    .addOption(json())
    .addHelpText(
      'after',
      `
Examples:
  espalier plan --model my-llama --target 50%
  espalier plan --recipe nemotron-15b-8b-4b --model ./nemotron-4-15b --json`,
    )
    .action(async (flags: unknown, command: Command) =>
      (await import('../commands/plan.js')).planCommand(flags, givenFlags(command)),
    );
  program
    .command('status')
    .description('what a run is doing; works while it runs')
    .argument('<run>', 'run folder')
    .addOption(json())
    .addHelpText('after', '\nExample:\n  espalier status runs/my-llama-half')
    .action(async (run: string, flags: unknown) => (await import('../commands/status.js')).statusCommand(run, flags));
  program
    .command('report')
    .description('write report.html of a run again, from its events')
    .argument('<run>', 'run folder')
    .addOption(json())
    .addHelpText('after', '\nExample:\n  espalier report runs/my-llama-half')
    .action(async (run: string, flags: unknown) => (await import('../commands/report.js')).reportCommand(run, flags));
  program
    .command('export')
    .description('write a student of a run as a folder of its own')
    .argument('<run>', 'run folder')
    .requiredOption('--out <folder>', 'where the model goes')
    .option('--row <name>', 'which student, e.g. width/distilled (default: the last distilled one)')
    .option(
      '--exporter <name>',
      'in which form: safetensors (a Hugging Face folder), or one of a plugin',
      'safetensors',
    )
    .addOption(new Option('--storage <type>', 'storage type of all weights').choices(['F32', 'F16', 'BF16']))
    .addOption(plugin())
    .addOption(trust())
    .option('--overwrite', 'replace a model folder at --out', false)
    .addOption(json())
    .addHelpText('after', '\nExample:\n  espalier export runs/my-llama-half --out smaller --row depth/distilled')
    .action(async (run: string, flags: unknown) => (await import('../commands/export.js')).exportCommand(run, flags));
  const stages = [
    ['calibrate', 'read a sample of text through the model'],
    ['score', 'score what can be removed'],
    ['search', 'find the shape of the student'],
    ['prune', 'plan what stays'],
    ['distil', 'train the pruned model from its teacher'],
  ] as const;
  for (const [stage, does] of stages)
    program
      .command(stage)
      .description(`${does}: begins a run, or goes on with one, and ends after that stage`)
      .argument('<run>', 'run folder')
      .option('--recipe <file>', 'begins a run by a recipe')
      .option('--step <name>', 'of which step (default: the first)')
      .addOption(trustedPlugin())
      .addOption(trust())
      .addOption(offline())
      .addOption(json())
      .addHelpText(
        'after',
        `\nExamples:\n  espalier ${stage} runs/mine --recipe recipe.yaml\n  espalier ${stage} runs/mine`,
      )
      .action(async (run: string, flags: unknown) =>
        (await import('../commands/stage.js')).stageCommand(stage, run, flags, signal),
      );
}

/** Flags that describe a whole compression, or take the place of some of a recipe's entries. */
export function addCompressFlags(command: Command): Command {
  return command
    .option('--recipe <file>', 'YAML or JSON, or the name of a bundled one; then few of the other flags apply')
    .option('--model <name>', modelHelp)
    .addOption(revision())
    .option(
      '--target <size>',
      '50%, 4B, a shape (hidden=48,ffn=96,layers=5), a published one (llama-3.1-minitron-4b-width), memory=4GiB,length=4096, latency=20ms or throughput=5k',
    )
    .option('--data <source>', dataHelp)
    .option('--out <folder>', 'where the distilled model goes')
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
    .addOption(field())
    .option('--eval-data <source>', 'text to evaluate on (default: a tenth of the data, held back)')
    .addOption(split('--eval-split <how>', 'how that text is cut into documents'))
    .option('--allow-overlap', 'evaluate on text that is trained on as well, which is refused otherwise', false)
    .option(
      '--max-tokens <n>',
      'evaluate the first tokens of each document, BOS included (default: --length + 1)',
      positive(limits.length),
    )
    .option(
      '--tokens <n>',
      'training tokens of each student (default: 16 per student parameter)',
      positive(limits.tokens),
    )
    .option('--length <n>', 'tokens per training sequence', positive(limits.length), 256)
    .option('--batch <n>', 'sequences per batch', positive(limits.batch), 4)
    .option('--learning-rate <x>', 'peak learning rate (default: 0.3 / hidden size, 0.005 at most)', fraction)
    .option('--samples <n>', 'sequences for the importance scores', positive(limits.samples), 256)
    .option('--warmup <n>', 'steps of linear warm-up', nonNegative(limits.steps), 20)
    .addOption(
      new Option('--precision <type>', 'what products are computed in; float16 needs a GPU that has it to be faster')
        .choices(['float32', 'float16'])
        .default('float32'),
    )
    .addOption(plugin())
    .addOption(trust())
    .addOption(seed())
    .addOption(threads())
    .addOption(backend())
    .addOption(offline());
}
