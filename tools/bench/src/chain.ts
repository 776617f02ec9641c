// `npm run bench:chain -- --model FOLDER [--steps 20 | --steps 0] [--memory 6GiB] [--no-teacher] [--out FOLDER]`: a model compressed by the command, as a user does
// it, with its memory watched from outside. Prints for each stage its seconds and most memory, what `plan` says of it, and which share of its time no program ran
// and JavaScript was busy (run-time.ts). Linux only: it reads /proc.
import { execFile, spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { z } from 'zod';

const command = fileURLToPath(new URL('../../cli/bin/espalier.js', import.meta.url));
const plugin = fileURLToPath(new URL('run-time.js', import.meta.url));
const GIB = 2 ** 30;
const POLL = 50;
/** What the models are evaluated on: a few documents, since the weights are as random as the text. */
const HELD_OUT = 'held-out.txt';
const DOCUMENTS = 8;

const { values } = parseArgs({
  options: {
    model: { type: 'string' },
    out: { type: 'string' },
    target: { type: 'string', default: '50%' },
    pruner: { type: 'string', default: 'width' },
    samples: { type: 'string', default: '16' },
    steps: { type: 'string', default: '20' },
    batch: { type: 'string', default: '2' },
    length: { type: 'string', default: '512' },
    memory: { type: 'string' },
    'no-teacher': { type: 'boolean', default: false },
  },
});

/** What is read of an event. */
const event = z.object({
  type: z.string(),
  run: z.string(),
  stage: z.string(),
  time: z.number(),
});
type Event = z.infer<typeof event>;

/** What is read of a line of the plugin. */
const runTime = z.object({
  run: z.string(),
  stage: z.string(),
  seconds: z.number(),
  inPrograms: z.number(),
  javaScript: z.number(),
});

/** A stage as it was seen from outside. */
interface Seen {
  seconds: number;
  most: number;
}

function recipe(model: string, times: string): object {
  const [batch, length, steps] = [Number(values.batch), Number(values.length), Number(values.steps)];
  const memory = values.memory === undefined ? {} : { memory: values.memory };
  const distillation = { tokens: steps * batch * length, batch, length, ...memory };
  return {
    name: 'chain',
    model,
    data: 'tinytales',
    plugins: [plugin],
    backend: 'timed-ort',
    subscribers: [{ name: 'run-time', path: times }],
    ...(Number(values.steps) === 0 ? {} : { export: { folder: 'student' } }),
    evaluation: { data: HELD_OUT, evaluators: ['perplexity'], maxTokens: length, teacher: !values['no-teacher'] },
    steps: [
      {
        name: 'student',
        target: values.target,
        pruner: values.pruner,
        importance: { samples: Number(values.samples), batch, length },
        ...(steps === 0 ? {} : { distillation }),
      },
    ],
  };
}

/** Without steps the model is cut, written and not trained. */
function work(recipe: string, run: string, out: string): readonly string[] {
  if (Number(values.steps) === 0) return ['prune', run, '--recipe', recipe, '--out', out, '--trust'];
  return ['compress', '--recipe', recipe, '--run', run, '--trust'];
}

/** Most resident bytes since they were last forgotten, and anonymous bytes now; nothing once it has ended. */
function residentBytes(pid: number): readonly [number, number] | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const [, resident] = /VmHWM:\s+(\d+) kB/.exec(status) ?? [];
    const [, anonymous] = /RssAnon:\s+(\d+) kB/.exec(status) ?? [];
    if (resident === undefined || anonymous === undefined) return undefined;
    return [1024 * Number(resident), 1024 * Number(anonymous)];
  } catch {
    return undefined;
  }
}

/** Has the kernel count the most resident bytes anew (proc(5): 5 in clear_refs). */
function forgetMost(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, '5');
  } catch {
    // It has ended.
  }
}

/** Takes in what events came in since, and gives the stage that is at work. */
function reader(path: string, stages: Map<string, Seen>): () => Seen | undefined {
  let read = 0;
  let [now, began]: [string | undefined, number] = [undefined, 0];
  const take = ({ type, run, stage, time }: Event): void => {
    const key = `${run} · ${stage}`;
    if (type === 'stage-started') {
      [now, began] = [key, time];
      stages.set(key, { seconds: NaN, most: 0 });
    }
    const seen = stages.get(key);
    if (seen !== undefined && type === 'stage-finished') seen.seconds = (time - began) / 1000;
  };
  return () => {
    const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : [];
    for (const line of lines.slice(read)) take(event.parse(JSON.parse(line)));
    read = lines.length;
    return now === undefined ? undefined : stages.get(now);
  };
}

/** What the plugin wrote, by the stage. */
function runTimes(path: string): ReadonlyMap<string, z.infer<typeof runTime>> {
  const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : [];
  return new Map(
    lines.map((line) => runTime.parse(JSON.parse(line))).map((own) => [`${own.run} · ${own.stage}`, own] as const),
  );
}

/** What is read of `plan --json`. */
const planned = z.object({
  steps: z.array(z.object({ stages: z.array(z.object({ run: z.string(), stage: z.string(), bytes: z.number() })) })),
});

/** Bytes that `plan` predicts, by the stage. */
async function predictions(path: string): Promise<ReadonlyMap<string, number>> {
  const args = [command, 'plan', '-r', path, '--json', '--allow-shortage', '--trust'];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const { steps } = planned.parse(JSON.parse(stdout));
  return new Map(
    steps.flatMap(({ stages }) => stages.map(({ run, stage, bytes }) => [`${run} · ${stage}`, bytes] as const)),
  );
}

async function watch(folder: string, model: string): Promise<number> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, 'recipe.json');
  const times = join(folder, 'run-time.ndjson');
  await rm(times, { force: true });
  await writeFile(path, JSON.stringify(recipe(resolve(model), times)));
  const document = (index: number): string => Array.from({ length: 500 }, (_, place) => place * (index + 7)).join(' ');
  await writeFile(join(folder, HELD_OUT), Array.from({ length: DOCUMENTS }, (_, index) => document(index)).join('\n'));
  const predicted = await predictions(path);
  const run = join(folder, 'run');
  const start = performance.now();
  const child = spawn(process.execPath, [command, ...work(path, run, join(folder, 'student'))], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = new Promise<number>((end) => child.once('exit', (code) => end(code ?? 1)));
  const stages = new Map<string, Seen>();
  const stageNow = reader(join(run, 'events.ndjson'), stages);
  let [most, anonymous] = [0, 0];
  let last: Seen | undefined;
  while (child.exitCode === null && child.signalCode === null) {
    const [resident, own] = residentBytes(Number(child.pid)) ?? [0, 0];
    most = Math.max(most, resident);
    anonymous = Math.max(anonymous, own);
    if (last !== undefined) last.most = Math.max(last.most, resident);
    const now = stageNow();
    if (now !== last) forgetMost(Number(child.pid));
    last = now;
    await setTimeout(POLL);
  }
  stageNow();
  const measured = runTimes(times);
  for (const [stage, { seconds, most: bytes }] of stages) {
    const foreseen = predicted.get(stage);
    const time = measured.get(stage);
    console.log(
      JSON.stringify({
        stage,
        seconds: Number(seconds.toFixed(1)),
        gibibytes: Number((bytes / GIB).toFixed(2)),
        ...(foreseen === undefined ? {} : { predicted: Number((foreseen / GIB).toFixed(2)) }),
        ...(time === undefined
          ? {}
          : {
              outsidePrograms: Number((1 - time.inPrograms / time.seconds).toFixed(3)),
              javaScript: Number((time.javaScript / time.seconds).toFixed(3)),
            }),
      }),
    );
  }
  const total = { seconds: Math.round((performance.now() - start) / 1000), gibibytes: Number((most / GIB).toFixed(2)) };
  console.log(JSON.stringify({ stage: 'all', ...total, anonymous: Number((anonymous / GIB).toFixed(2)) }));
  return ended;
}

if (values.model === undefined) throw new RangeError('--model names a checkpoint folder');
const folder = values.out ?? (await mkdtemp(join(tmpdir(), 'espalier-chain-')));
process.exitCode = await watch(folder, values.model);
if (values.out === undefined) await rm(folder, { recursive: true, force: true });
