// Verbs that work on a run: whole, on from where it stopped, one stage, what it is doing.
import { Option, type Command } from 'commander';
import { fraction, limits, nonNegative, positive } from '../flags.js';
import {
  allowShortage,
  backend,
  field,
  givenFlags,
  gpus,
  json,
  maxTokens,
  model,
  offline,
  overwrite,
  plugin,
  recipe,
  revision,
  seed,
  set,
  split,
  texts,
  threads,
  trust,
  trustedPlugin,
} from './options.js';
import { group, verb } from './verb.js';

const out = (what = 'where the model goes'): Option => new Option('-o, --out <folder>', what);
/** A flag of names in capitals, which may be written small. */
const upper = (flags: string, description: string, names: readonly string[]): Option => {
  const choices = new Option(flags, description).choices(names);
  const read = choices.parseArg;
  return choices.argParser((value: string) => read?.(value.toUpperCase(), undefined));
};
const run = ['<run>', 'run folder'] as const;
const summary =
  '`rows` (a list of `name`, `parameters`, `nonEmbeddingParameters`, `measures`, `trainingTokens`, …), `answer` (the model that the run is for), `seed`, `versions`: summary.json';
const forecast =
  '`model` (`name`, `parameters`, memory), `text` (`tokens` of one pass, where it was read), `steps` (shape, tokens, `passes`, work of the training, memory of each and of its stages), `work` (tokens and operations of every stage that computes), `advice`, `gpus` (hours and cost); the same at any time, so without times';

/** Adds `demo`, `compress`, `plan`, `pretrain`, `resume`, `status`, `report`, `export` and a verb for every stage. */
export function addRunVerbs(program: Command, signal: AbortSignal): void {
  program.commandsGroup('Runs:');
  addCompress(program, signal);
  addPretrain(program, signal);
  addDemo(program, signal);
  const resume = verb(program, 'resume', 'go on with a run that was stopped, or for more tokens', [
    'resume runs/my-llama-half',
    'resume runs/my-llama-half --tokens 2e9',
  ]).argument(...run);
  const more = new Option('--tokens <n>', 'continue a complete run: tokens of its last training in all').argParser(
    positive(limits.tokens),
  );
  group(resume, 'Flags', [more, out(), overwrite('a model'), json(summary)], [trustedPlugin(), trust(), offline()]);
  resume.action(async (path: string, flags: unknown) =>
    (await import('../commands/resume.js')).resumeCommand(path, flags, signal),
  );
  addFolderVerbs(program);
  program.commandsGroup('Runs, stage by stage:');
  addStages(program, signal);
}

function addCompress(program: Command, signal: AbortSignal): void {
  const compress = verb(program, 'compress', 'prune a model and distil it back, with comparisons', [
    'compress -m my-llama -d corpus.txt -t 50% -o my-llama-half',
    'compress -m my-llama -d web.txt:3 -d books.txt:1 -t 50% -o small',
    'compress -r recipe.yaml --set steps[0].distillation.tokens=1e8',
    'compress -r llama-3.1-8b-to-4b-width -m ./Llama-3.1-8B -d corpus.txt',
  ]);
  addCompressFlags(compress);
  group(
    compress,
    'Run',
    [new Option('--run <folder>', 'run folder (default: runs/NAME)'), overwrite('a run and a model'), json(summary)],
    [new Option('--tensorboard [folder]', 'event files for TensorBoard (default: in the run folder)')],
  );
  compress.action(async (flags: unknown, command: Command) =>
    (await import('../commands/compress.js')).compressCommand(flags, givenFlags(command), signal),
  );
  const plan = verb(program, 'plan', 'what a run would do and cost; reads the text, but no weights', [
    'plan -m my-llama -t 50%',
    'plan -r nemotron-15b-8b-4b -m ./nemotron-4-15b --json',
  ]);
  addCompressFlags(plan);
  group(plan, 'Plan', [
    new Option('--no-time', 'leave out the two seconds that this machine is timed'),
    gpus(),
    json(forecast),
  ]);
  plan.action(async (flags: unknown, command: Command) =>
    (await import('../commands/plan.js')).planCommand(flags, givenFlags(command)),
  );
}

function addPretrain(program: Command, signal: AbortSignal): void {
  const command = verb(program, 'pretrain', 'train a model from random weights on text', [
    'pretrain -r tinytales-teacher.yaml -o teacher',
  ]);
  group(command, 'What', [
    recipe('YAML or JSON, with pretraining: config, tokens, schedule').makeOptionMandatory(),
    set(),
    out().makeOptionMandatory(),
  ]);
  group(
    command,
    'Run',
    [new Option('--run <folder>', 'run folder (default: runs/NAME)'), overwrite('a run and a model'), json(summary)],
    [plugin(), trust(), seed(), backend(), threads(), offline(), allowShortage()],
  );
  command.action(async (flags: unknown, own: Command) =>
    (await import('../commands/pretrain.js')).pretrainCommand(flags, givenFlags(own), signal),
  );
}

function addDemo(program: Command, signal: AbortSignal): void {
  const demo = verb(program, 'demo', 'compress the bundled model to half its size and compare', ['demo']);
  group(
    demo,
    'Flags',
    [
      new Option('--run <folder>', 'run folder; a run that is there is replaced').default('runs/demo'),
      new Option('--tokens <n>', 'training tokens of each student').argParser(positive(limits.tokens)),
      backend(),
      json(summary),
    ],
    [seed(), threads()],
  );
  demo.action(async (flags: unknown) => (await import('../commands/demo.js')).demoCommand(flags, signal));
}

function addFolderVerbs(program: Command): void {
  const status = verb(program, 'status', 'what a run, or each run below a folder, is doing', [
    'status runs/my-llama-half',
    'status runs',
  ]).argument('[folder]', 'folder of a run, or of runs', '.');
  group(status, 'Flags', [
    json(
      '`run`, `recipe`, `state` (`working`, `stopped`, `complete`), `started`, `process`, `complete` (units), `stage`; of several: `runs`, a list of these, one that cannot be read with its `damage`',
    ),
  ]);
  status.action(async (path: string, flags: unknown) =>
    (await import('../commands/status.js')).statusCommand(path, flags),
  );
  const report = verb(program, 'report', 'write report.html of a run again, from its events', [
    'report runs/my-llama-half',
  ]).argument(...run);
  group(report, 'Flags', [json('`report`: the file')]);
  report.action(async (path: string, flags: unknown) =>
    (await import('../commands/report.js')).reportCommand(path, flags),
  );
  const write = verb(program, 'export', 'write a student of a run as a folder of its own', [
    'export runs/my-llama-half -o smaller --row depth/distilled',
  ]).argument(...run);
  group(
    write,
    'Flags',
    [
      out().makeOptionMandatory(),
      new Option('--row <name>', 'which student, as the table has it (default: the last distilled one)'),
      new Option('--exporter <name>', "safetensors (a Hugging Face folder), or a plugin's").default('safetensors'),
      upper('--storage <type>', 'storage type of all weights', ['F32', 'F16', 'BF16']),
      overwrite('a model'),
      json('`run`, `row`, `folder`, `difference`: of the logits once it is read again'),
    ],
    [plugin(), trust()],
  );
  write.action(async (path: string, flags: unknown) =>
    (await import('../commands/export.js')).exportCommand(path, flags),
  );
}

function addStages(program: Command, signal: AbortSignal): void {
  const stages = [
    ['calibrate', 'a run up to the sample of text'],
    ['score', 'a run up to the scores of what can go'],
    ['search', 'a run up to the shape of the student'],
    ['prune', 'a run up to the plan of what stays'],
    ['distil', 'a run up to the trained student'],
  ] as const;
  for (const [stage, does] of stages) {
    const command = verb(program, stage, does, [`${stage} runs/mine -r recipe.yaml`, `${stage} runs/mine`]);
    if (stage === 'distil') command.alias('distill');
    command.argument(...run);
    group(
      command,
      'Flags',
      [
        recipe('begins a run by a recipe; without it, goes on with one'),
        new Option('--step <name>', 'of which step (default: the first)'),
        ...(stage === 'prune' ? [out('where the cut model goes, not trained'), overwrite('a model')] : []),
        json('`run`, `stage`, `complete`: the units that are done'),
      ],
      [trustedPlugin(), trust(), offline(), allowShortage()],
    );
    command.action(async (path: string, flags: unknown) =>
      (await import('../commands/stage.js')).stageCommand(stage, path, flags, signal),
    );
  }
}

/** Flags that describe a whole compression, or take the place of some of a recipe's entries. */
function addCompressFlags(command: Command): void {
  group(
    command,
    'What',
    [
      recipe('a file, or the name of a bundled one'),
      set(),
      model(),
      new Option('-t, --target <size>', '50%, 4B, hidden=48,layers=5, memory=4GiB,length=4096'),
      out(),
      new Option('--method <name>', 'which is exported').choices(['width', 'depth']).default('width'),
      new Option('--no-compare', 'leave out what the result is compared with'),
    ],
    [
      new Option('--multiple-of <n>', 'widths are multiples of it (default: 64, less for small models)').argParser(
        positive(limits.width),
      ),
      revision(),
      plugin(),
      trust(),
      offline(),
    ],
  );
  group(
    command,
    'Text',
    [
      texts(),
      new Option('--eval-data <source>', 'text to evaluate on (default: a tenth, held back)'),
      split('--split <how>', 'how a file becomes documents'),
    ],
    [
      field(),
      split('--eval-split <how>', 'how the text to evaluate on is cut'),
      new Option('--allow-overlap', 'evaluate on text that is trained on as well').default(false),
      maxTokens(),
    ],
  );
  group(
    command,
    'Training',
    [
      new Option('--tokens <n>', 'of each student (default: 16 per student parameter)').argParser(
        positive(limits.tokens),
      ),
      new Option('--length <n>', 'tokens per sequence').argParser(positive(limits.length)).default(256),
      new Option('--batch <n>', 'sequences per batch').argParser(positive(limits.batch)).default(4),
      new Option('--learning-rate <x>', 'peak (default: 0.3 / hidden size, at most 0.005)').argParser(fraction),
      new Option('--samples <n>', 'sequences for the importance scores')
        .argParser(positive(limits.samples))
        .default(256),
    ],
    [
      new Option('--warmup <n>', 'steps of linear warm-up').argParser(nonNegative(limits.steps)).default(20),
      new Option('--precision <type>', 'what products are computed in')
        .choices(['float32', 'float16'])
        .default('float32'),
    ],
  );
  group(command, 'Machine', [backend()], [seed(), threads(), allowShortage()]);
}
