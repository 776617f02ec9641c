// Verbs that work on one model, or on none.
import { kinds } from '@espalier/generators';
import { Option, type Command } from 'commander';
import { fraction, limits, positive, temperature } from '../flags.js';
import { backend, field, json, modelHelp, offline, plugin, revision, seed, split, threads } from './options.js';

/** Adds `evaluate`, `pretrain`, `generate`, `init`, `plugins` and `devices`. */
export function addModelVerbs(program: Command, signal: AbortSignal): void {
  program
    .command('evaluate')
    .description('measure a model: loss and perplexity of a text')
    .requiredOption('--model <name>', modelHelp)
    .addOption(revision())
    .requiredOption('--data <source>', 'text, JSONL or Parquet file, hub:OWNER/NAME, or "tinytales"')
    .addOption(split('--split <how>', 'how a text file is cut into documents'))
    .addOption(field())
    .option(
      '--max-tokens <n>',
      'tokens of a window, BOS included: of each document only these, where windows do not slide (default: the context, 2048 at most)',
      positive(limits.length),
    )
    .addOption(
      new Option(
        '--windows <how>',
        'what is predicted: the beginning of each document; rolling: all of it, in windows of --max-tokens that slide; concatenated: all documents as one text',
      )
        .choices(['documents', 'rolling', 'concatenated'])
        .default('documents'),
    )
    .option(
      '--stride <n>',
      'tokens that are new in each rolling window (default: all but one)',
      positive(limits.length),
    )
    .addOption(seed())
    .addOption(threads())
    .addOption(backend())
    .addOption(plugin())
    .addOption(offline())
    .addOption(json())
    .addHelpText(
      'after',
      '\nExample:\n  espalier evaluate --model my-llama --data stories.txt --split lines --max-tokens 257 --json\n  espalier evaluate --model my-llama --data wiki.txt --split whole --windows rolling --stride 512',
    )
    .action(async (flags: unknown) => (await import('../commands/evaluate.js')).evaluateCommand(flags, signal));

  program
    .command('pretrain')
    .description('train a model from random weights on text')
    .requiredOption('--recipe <file>', 'YAML or JSON: shape, data, tokens, learning rate')
    .requiredOption('--out <folder>', 'where the model goes')
    .option('--overwrite', 'replace a model folder at --out', false)
    .addOption(threads())
    .addOption(backend())
    .addOption(json())
    .addHelpText('after', '\nExample:\n  espalier pretrain --recipe tinytales-teacher.yaml --out teacher')
    .action(async (flags: unknown) => (await import('../commands/pretrain.js')).pretrainCommand(flags, signal));

  program
    .command('generate')
    .description('write text with a model')
    .requiredOption('--model <name>', modelHelp)
    .addOption(revision())
    .option('--prompt <text>', 'what the text begins with', '')
    .option('--max-tokens <n>', 'tokens after the prompt', positive(limits.length), 128)
    .option('--samples <n>', 'texts to write', positive(limits.texts), 1)
    .option('--temperature <x>', '0 takes the likeliest token', temperature, 0.8)
    .option('--top-p <x>', 'draw only from the likeliest tokens that together have this probability', fraction, 0.95)
    .addOption(seed())
    .addOption(threads())
    .addOption(backend())
    .addOption(plugin())
    .addOption(offline())
    .addOption(json())
    .addHelpText('after', '\nExample:\n  espalier generate --model tinytales --prompt "One day" --temperature 0.5')
    .action(async (flags: unknown) => (await import('../commands/generate.js')).generateCommand(flags, signal));

  program
    .command('init')
    .description('write a commented recipe to begin with')
    .option('--model <name>', modelHelp)
    .option('--data <source>', 'text to train on')
    .option('--target <size>', 'how small')
    .option('--out <file>', 'where the recipe goes', 'recipe.yaml')
    .option('--yes', 'ask nothing', false)
    .option('--overwrite', 'replace a file that is there', false)
    .addOption(json())
    .addHelpText('after', '\nExample:\n  espalier init --model my-llama --data corpus.txt --target 50% --yes')
    .action(async (flags: unknown) => (await import('../commands/init.js')).initCommand(flags));

  program
    .command('plugins')
    .description('list every strategy that can be named, with its package and options')
    .addOption(plugin())
    .option('--kind <kind>', 'only one kind: scorer, loss, pruner, …')
    .addOption(json())
    .addHelpText('after', '\nExample:\n  espalier plugins --kind loss')
    .action(async (flags: unknown) => (await import('../commands/plugins.js')).pluginsCommand(flags));

  program
    .command('devices')
    .description('list what programs can run on: backends, their devices, what absent ones need')
    .option('--bench', 'measure each: matrix products, training, generation', false)
    .addOption(json())
    .addHelpText('after', '\nExample:\n  espalier devices --bench')
    .action(async (flags: unknown) => (await import('../commands/devices.js')).devicesCommand(flags));

  program
    .command('new')
    .description('make a package for a plugin of your own: a strategy that works, and its test')
    .command('plugin')
    .argument('<name>', 'name of the package, e.g. espalier-plugin-mine')
    .addOption(
      new Option(
        '--kind <kinds...>',
        `what it brings: ${kinds.slice(0, -1).join(', ')} or ${kinds.at(-1)}`,
      ).makeOptionMandatory(),
    )
    .option('--out <folder>', 'where it goes (default: a folder of that name)')
    .addHelpText('after', '\nExample:\n  espalier new plugin espalier-plugin-mine --kind scorer loss')
    .action(async (name: string, flags: object) =>
      (await import('../commands/new.js')).newPluginCommand({ ...flags, name }),
    );
}
