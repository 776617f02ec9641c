// Verbs that work on one model, or on none.
import { kinds } from '@espalier/generators';
import { Argument, Option, type Command } from 'commander';
import { fraction, hours, limits, positive, temperature } from '../flags.js';
import {
  backend,
  field,
  gpus,
  json,
  maxTokens,
  model,
  models,
  offline,
  overwrite,
  plugin,
  revision,
  seed,
  split,
  threads,
} from './options.js';
import { group, verb } from './verb.js';

/** What `--json` gives of verbs that list. */
const listed = {
  plugins: 'a list of `kind`, `name`, `summary`, `plugin`, `options` (form by name)',
  devices: 'a list of `backend`, `name`, `description`, `memory` (bytes), `unavailable` (why), `unverified`, `speed`',
  recipes: 'a list of `name`, `description`',
  doctor:
    '`machine`, `rate` (operations a second), `devices`, `hours`, `largest` (models that fit), `model` (what fits of yours), `gpus`',
} as const;

/** Adds `evaluate`, `generate`, `chat`, `init`, `recipes`, `plugins`, `devices`, `doctor`, `new` and `completion`. */
export function addModelVerbs(program: Command, signal: AbortSignal): void {
  program.commandsGroup('Models:');
  addEvaluate(program, signal);
  addGenerate(program, signal);
  addChat(program, signal);
  program.commandsGroup('Recipes, plugins, devices:');
  addRecipes(program);
  const plugins = verb(program, 'plugins', 'list every strategy that can be named, with its options', [
    'plugins --kind loss',
  ]);
  group(plugins, 'Flags', [
    plugin(),
    new Option('--kind <kind>', 'only one kind: scorer, loss, pruner, …'),
    json(listed.plugins),
  ]);
  plugins.action(async (flags: unknown) => (await import('../commands/plugins.js')).pluginsCommand(flags));
  const devices = verb(program, 'devices', 'list backends and devices, and what absent ones need', ['devices --bench']);
  const bench = new Option('--bench', 'measure each: matrix products, training, generation').default(false);
  group(devices, 'Flags', [bench, json(listed.devices)]);
  devices.action(async (flags: unknown) => (await import('../commands/devices.js')).devicesCommand(flags, signal));
  addDoctor(program, signal);
  addNew(program);
  verb(program, 'completion', 'print a completion script for bash, zsh or fish', ['completion bash >> ~/.bashrc'])
    .addArgument(new Argument('<shell>', 'which shell').choices(['bash', 'zsh', 'fish']))
    .action(async (shell: 'bash' | 'zsh' | 'fish') =>
      (await import('../commands/completion.js')).completionCommand(shell),
    );
}

function addDoctor(program: Command, signal: AbortSignal): void {
  const doctor = verb(program, 'doctor', 'what this machine can do, and what fits in a given time', [
    'doctor',
    'doctor -m my-llama --hours 24',
  ]);
  group(
    doctor,
    'Flags',
    [
      model(),
      new Option('-t, --target <size>', 'how small its student would be').default('50%'),
      new Option('--hours <n>', 'time that there is').argParser(hours).default(8),
      new Option('--run <folder>', 'where runs would go: its disk is looked at').default('runs'),
      gpus(),
      json(listed.doctor),
    ],
    [revision(), backend(), threads(), offline()],
  );
  doctor.action(async (flags: unknown) => (await import('../commands/doctor.js')).doctorCommand(flags, signal));
}

function addEvaluate(program: Command, signal: AbortSignal): void {
  const command = verb(program, 'evaluate', 'measure a model: loss and perplexity of a text', [
    'evaluate -m my-llama -d wiki.txt --split whole --windows rolling',
    'evaluate -m my-llama -m runs/half -m runs/third -d wiki.txt',
  ]);
  group(command, 'Model', [models().makeOptionMandatory()], [revision(), plugin(), offline()]);
  const source = new Option('-d, --data <source>', 'text, JSONL or Parquet file, hub:OWNER/NAME, or tinytales');
  group(
    command,
    'Text',
    [
      source.makeOptionMandatory(),
      split('--split <how>', 'how a file becomes documents'),
      maxTokens(),
      new Option('--windows <how>', "each document's beginning, all of it, or all as one text")
        .choices(['documents', 'rolling', 'concatenated'])
        .default('documents'),
      new Option('--stride <n>', 'new tokens in each rolling window (default: all but one)').argParser(
        positive(limits.length),
      ),
    ],
    [field()],
  );
  const result =
    '`model`, `parameters`, `nonEmbeddingParameters`, and each measure by name, such as `loss` and `perplexity`; of several models a list of these';
  group(command, 'Machine', [backend(), json(result)], [seed(), threads()]);
  command.action(async (flags: unknown) => (await import('../commands/evaluate.js')).evaluateCommand(flags, signal));
}

const maxNewTokens = (preset: number): Option =>
  new Option('--max-new-tokens <n>', 'most tokens to write').argParser(positive(limits.length)).default(preset);
const temperatureOf = (preset: number): Option =>
  new Option('--temperature <x>', '0 takes the likeliest token').argParser(temperature).default(preset);
const topP = (): Option =>
  new Option('--top-p <x>', 'only the likeliest with this probability in all').argParser(fraction).default(0.95);

function addGenerate(program: Command, signal: AbortSignal): void {
  const command = verb(program, 'generate', 'write text with a model', [
    'generate -m tinytales --prompt "One day" --temperature 0.5',
    'generate -m tinytales -m runs/my-run --prompt "Once"',
  ]);
  group(command, 'Model', [models().makeOptionMandatory()], [revision(), plugin(), offline()]);
  group(command, 'Text', [
    new Option('-p, --prompt <text>', 'what the text begins with').default(''),
    maxNewTokens(128),
    new Option('--texts <n>', 'how many').argParser(positive(limits.texts)).default(1),
    temperatureOf(0.8),
    topP(),
    seed(),
  ]);
  const result = '`model`, `prompt`, `texts`: a list of what follows the prompt';
  group(command, 'Machine', [backend(), json(result)], [threads()]);
  command.action(async (flags: unknown) => (await import('../commands/generate.js')).generateCommand(flags, signal));
}

function addChat(program: Command, signal: AbortSignal): void {
  const command = verb(program, 'chat', 'talk to a model, or to teacher and student of a run', [
    'chat Qwen/Qwen2.5-0.5B-Instruct',
    'chat runs/my-run',
  ]).argument('<models...>', 'models (folder, hub id, tinytales), or a run folder');
  group(
    command,
    'Flags',
    [
      new Option('--system <text>', 'what every conversation begins with'),
      maxNewTokens(512),
      temperatureOf(0.7),
      topP(),
      seed(),
      backend(),
    ],
    [revision(), plugin(), offline(), threads()],
  );
  command.action(async (models: readonly string[], flags: unknown) =>
    (await import('../commands/chat.js')).chatCommand(models, flags, signal),
  );
}

function addRecipes(program: Command): void {
  const init = verb(program, 'init', 'write a commented recipe to begin with', [
    'init -m my-llama -d corpus.txt -t 50% --yes',
  ]);
  group(init, 'Flags', [
    model(),
    new Option('-d, --data <source>', 'text to train on'),
    new Option('-t, --target <size>', 'how small'),
    new Option('-o, --out <file>', 'where the recipe goes').default('recipe.yaml'),
    new Option('--yes', 'ask nothing').default(false),
    overwrite('a file'),
    json('`recipe`: the file; `model`, `data`, `target`: what it was made with'),
  ]);
  init.action(async (flags: unknown) => (await import('../commands/init.js')).initCommand(flags));

  const recipes = verb(program, 'recipes', 'list, show and copy the bundled recipes', [
    'recipes ls',
    'recipes cat llama-3.1-8b-to-4b-width',
    'recipes copy llama-3.1-8b-to-4b-width mine.yaml',
  ]);
  const commands = async () => import('../commands/recipes.js');
  const list = recipes.command('ls', { isDefault: true }).description('list the bundled recipes');
  group(list, 'Flags', [json(listed.recipes)]).action(async (flags: unknown) => (await commands()).listRecipes(flags));
  const show = recipes.command('cat').description('show a bundled recipe').argument('<name>', 'name of a recipe');
  group(show, 'Flags', [json('`name`, `recipe`: its values')]).action(async (name: string, flags: unknown) =>
    (await commands()).showRecipe(name, flags),
  );
  const copy = recipes
    .command('copy')
    .description('write a bundled recipe to a file, to edit')
    .argument('<name>', 'name of a recipe')
    .argument('[file]', 'where it goes (default: NAME.yaml)');
  group(copy, 'Flags', [overwrite('a file'), json('`recipe`: the file')]).action(
    async (name: string, file: string | undefined, flags: unknown) => (await commands()).copyRecipe(name, file, flags),
  );
}

function addNew(program: Command): void {
  const command = program.command('new').summary('make a package for a plugin of your own');
  const examples = ['new plugin espalier-plugin-mine --kind scorer loss'];
  const plugin = verb(command, 'plugin', 'make a package: strategies that work, and their tests', examples);
  plugin.argument('<name>', 'name of the package, e.g. espalier-plugin-mine');
  const list = `${kinds.slice(0, -1).join(', ')} or ${kinds.at(-1)}`;
  group(plugin, 'Flags', [
    new Option('--kind <kinds...>', `what it brings: ${list}`).makeOptionMandatory(),
    new Option('-o, --out <folder>', 'where it goes (default: a folder of that name)'),
    json('`plugin`: its folder; `files`: what is in it'),
  ]);
  plugin.action(async (name: string, flags: object) =>
    (await import('../commands/new.js')).newPluginCommand({ ...flags, name }),
  );
}
