// A run that is killed at any moment, or asked to stop, and resumed leaves the same bytes as one that was not. `npm run chaos` with
// ESPALIER_KILLS=500 does so for long and over more kinds of recipes; ESPALIER_SEED gives other moments.
import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { random } from '@espalier/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runFiles } from '@espalier/run';
import { createBench, type Bench } from './testing/cli-run.js';
import { buildCommand, lineCount, runProcess } from './testing/process.js';

const KILLS = Number(process.env['ESPALIER_KILLS'] ?? 25);
const SEED = Number(process.env['ESPALIER_SEED'] ?? 20261125);

let bench: Bench;
/** By kind of recipe: what a run leaves that nothing interrupted, and how many lines it logs. */
const whole = new Map<Kind, { readonly files: Record<string, string>; readonly lines: number }>();

const few = { importance: { samples: 8, length: 16, batch: 4 }, distillation: { tokens: 256, length: 16, batch: 4 } };

/** Two steps, the second from the first's student; every kind of stage, checkpoints every other step. */
const stages = {
  model: 'model',
  data: 'text.txt',
  backend: { name: 'ort', threads: 1 },
  checkpoints: { everySteps: 2 },
  steps: [
    {
      name: 'narrow',
      target: '70%',
      importance: { samples: 8, length: 16, batch: 4 },
      distillation: { tokens: 512, length: 16, batch: 4 },
      compare: ['scratch'],
    },
    {
      name: 'shallow',
      target: 'layers=2',
      search: 'depth',
      pruner: 'depth',
      importance: { samples: 8, length: 16, batch: 4 },
      distillation: { tokens: 256, length: 16, batch: 2, accumulate: 2 },
    },
  ],
  export: { folder: 'out' },
};

/** A source whose documents are made while they are read, from a file beside it. */
const stream = `
import { definePlugin, encodeDocument, openStream, strategy } from '@espalier/core';
async function* draw(tokenizer, random) {
  for (;;) yield encodeDocument(tokenizer, 'the cat sat on the mat '.repeat(1 + random.integer(20)));
}
export default definePlugin({
  name: 'stream-plugin',
  provides: [
    strategy('data', {
      name: 'drawn',
      summary: 'sentences without end',
      create: () => ({
        layout: 'packed',
        open: (context) => Promise.resolve(openStream((random) => draw(context.teacher.tokenizer, random), context)),
      }),
    }),
  ],
});
`;

/** Kinds of recipes; the first three alone are tried in a test that has to be short. */
const recipes = {
  stages,
  // From random weights, in place of a model.
  pretraining: {
    data: 'text.txt',
    backend: stages.backend,
    checkpoints: stages.checkpoints,
    pretraining: { tokenizer: 'model', tokens: 1024, length: 16, batch: 4, config: {} },
  },
  // The teacher writes the text, and is corrected before it teaches.
  teacher: {
    ...stages,
    data: 'teacher',
    steps: [
      {
        ...few,
        name: 'half',
        target: '60%',
        distillation: { ...few.distillation, correction: { tokens: 256 }, accumulate: 2 },
      },
    ],
  },
  // Layers are measured by leaving them out, importance is estimated in rounds, losses on states are balanced.
  measured: {
    ...stages,
    steps: [
      {
        ...few,
        name: 'short',
        target: 'layers=2',
        search: 'depth',
        pruner: 'depth',
        importance: { ...few.importance, depth: { documents: 4 } },
      },
      {
        ...few,
        name: 'narrow',
        from: 'model',
        target: '80%',
        importance: { ...few.importance, rounds: 2 },
        distillation: { ...few.distillation, losses: ['forward-kl', 'block-output'], balancer: 'dynamic-alpha' },
      },
    ],
  },
  // Text without an end, from a plugin; the newest of many checkpoints.
  streams: {
    ...stages,
    data: 'drawn',
    plugins: ['./stream.mjs'],
    steps: [{ ...few, name: 'half', target: '60%', distillation: { ...few.distillation, tokens: 768 } }],
  },
  // Killed when it goes on for more tokens after its end.
  continued: { ...stages, steps: [{ ...few, name: 'half', target: '60%' }] },
  // A search that trains its candidates.
  search: {
    ...stages,
    steps: [
      {
        ...few,
        name: 'found',
        target: '80%',
        search: {
          name: 'halving',
          layers: [2, 3],
          hidden: [24, 28, 32],
          ffn: [32, 44],
          heads: [4],
          tolerance: 0.15,
          candidates: 4,
          rungs: [128, 256],
        },
      },
    ],
  },
} as const;
type Kind = keyof typeof recipes;
const all: readonly Kind[] = ['stages', 'pretraining', 'continued', 'teacher', 'measured', 'streams', 'search'];
const kinds = KILLS > 25 ? all : all.slice(0, 3);

beforeAll(async () => {
  await buildCommand();
  bench = await createBench();
  for (const kind of kinds) {
    const { folder, begin } = await place(`whole-${kind}`, kind);
    const { code, stderr } = await begin();
    expect(code, `${kind}: ${stderr}`).toBe(0);
    whole.set(kind, { files: await contents(folder), lines: lineCount(join(folder, 'run', runFiles.events)) });
  }
});
afterAll(() => bench.remove());

/** A folder of its own with model, text and recipe; paths in the recipe are seen from there. */
async function place(name: string, kind: Kind) {
  const folder = join(bench.folder, name);
  await mkdir(folder);
  await cp(bench.model, join(folder, 'model'), { recursive: true });
  await cp(bench.text, join(folder, 'text.txt'));
  await writeFile(join(folder, 'stream.mjs'), stream);
  const recipe = recipes[kind];
  const config: unknown = JSON.parse(await readFile(join(bench.model, 'config.json'), 'utf8'));
  const whole = 'pretraining' in recipe ? { ...recipe, pretraining: { ...recipe.pretraining, config } } : recipe;
  await writeFile(join(folder, 'recipe.json'), JSON.stringify(whole));
  const run = join(folder, 'run');
  const from = ['--recipe', join(folder, 'recipe.json'), '--run', run, '--trust'];
  const first = 'pretraining' in recipe ? ['pretrain', ...from, '--out', join(folder, 'out')] : ['compress', ...from];
  const go = ['resume', run, '--trust'];
  const more = [...go, '--tokens', '512'];
  if (kind === 'continued') expect(await runProcess(first)).toMatchObject({ code: 0 });
  return {
    folder,
    run,
    begin: (options = {}) => runProcess(kind === 'continued' ? more : first, options),
    /** The command that somebody would give after the break. */
    async again() {
      if (kind !== 'continued') return runProcess(existsSync(join(run, 'run.json')) ? go : first);
      const asked = (await readFile(join(run, 'run.json'), 'utf8')).includes('"to": 512');
      return runProcess(asked && existsSync(join(run, 'summary.json')) ? go : more);
    },
  };
}

/** Every file of run and model, without clocks, speeds and places; the report is full of them. */
async function contents(folder: string): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const top of ['run', 'out']) {
    for (const name of await readdir(join(folder, top), { recursive: true })) {
      const path = `${top}/${name}`;
      if ([runFiles.events, runFiles.measured, 'run.json', 'report.html'].some((own: string) => path.endsWith(own)))
        continue;
      const bytes = await readFile(join(folder, path)).catch(() => undefined); // folders
      if (bytes !== undefined) files[path] = withoutClock(path, bytes).replaceAll(folder, '');
    }
  }
  return files;
}

function withoutClock(path: string, bytes: Buffer): string {
  if (path.endsWith('.safetensors')) return bytes.toString('hex');
  const text = bytes.toString();
  if (path.endsWith('summary.json'))
    return text.replaceAll(/("label": "tokens\/s",\s+"value": )[\d.]+/g, '$1').replaceAll(/"range": \[[^\]]*\]/g, '');
  if (!path.endsWith('manifest.json')) return text;
  return text
    .replaceAll(/"measured.json": \{[^}]*\}/g, '')
    .replaceAll(/"(sha256|bytes|inputsHash)": [^,\n]+/g, (digest) => (path.includes('export') ? '' : digest));
}

test('the uninterrupted runs have every kind of file', () => {
  const pretrained = Object.keys(whole.get('pretraining')?.files ?? {});
  expect(pretrained).toContain('run/stages/pretrained/pretrain/student/model.safetensors');
  expect(pretrained).toContain('out/model.safetensors');
  const names = Object.keys(whole.get('stages')?.files ?? {});
  for (const name of [
    'run/summary.json',
    'run/stages/narrow/calibrate/statistics.safetensors',
    'run/stages/narrow/score/scores.json',
    'run/stages/narrow/prune/plan.json',
    'run/stages/narrow/distilled/distil/student/model.safetensors',
    'run/stages/shallow/distilled/distil/student/model.safetensors',
    'run/stages/shallow/distilled/evaluate/evaluation.json',
    'out/model.safetensors',
  ])
    expect(names).toContain(name);
  const kept = /^run\/checkpoints\/shallow\/distilled\/step-000000004\//; // the last of the last training
  const passing = /checkpoints|\.tmp|\.lock/;
  expect(names.filter((name) => passing.test(name) && !kept.test(name))).toEqual([]);
  expect(names.filter((name) => kept.test(name))).toHaveLength(3);
});

test(
  `${KILLS} runs killed or stopped at random moments and resumed leave the same bytes (seed ${SEED})`,
  async () => {
    const stream = random(SEED);
    const moments = Array.from({ length: KILLS }, (_, index) => ({
      kind: kinds[index % kinds.length] ?? 'stages',
      // Where in the log the run is when the signal comes, and how much later.
      share: stream.uniform(),
      delay: stream.integer(12),
      signal: stream.pick(['SIGKILL', 'SIGKILL', 'SIGTERM'] as const),
    }));
    const hit: string[] = [];
    const one = async ({ kind, share, delay, signal }: (typeof moments)[number], index: number): Promise<void> => {
      const { files, lines } = whole.get(kind) ?? { files: {}, lines: 0 };
      const { folder, run, begin, again } = await place(`killed-${index}`, kind);
      const events = join(run, runFiles.events);
      const before = lineCount(events);
      const line = before + Math.floor(share * (lines - before + 1));
      let left = delay;
      let sent = false;
      const first = await begin({
        kill: () => {
          // A second SIGTERM would end it at once.
          if (sent || lineCount(events) < line || left-- > 0) return undefined;
          sent = true;
          return signal;
        },
      });
      const where = `${kind}, ${signal} at line ${line} of ${lines}`;
      if (first.signal === signal || first.code === 143) hit.push(where);
      else expect(first.code, `${where}: ${first.stderr}`).toBe(0);
      const { code, stderr } = await again();
      expect(code, `${where}: ${stderr}`).toBe(0);
      expect(await contents(folder), where).toEqual(files);
      await rm(folder, { recursive: true });
    };
    // Two at a time: both cores have something to do.
    const queue = [...moments.entries()];
    const worker = async (): Promise<void> => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) await one(next[1], next[0]);
    };
    await Promise.all([worker(), worker()]);
    expect(hit.length).toBeGreaterThan(KILLS / 2); // the others had ended before the signal came
  },
  Math.max(3_600_000, KILLS * 60_000), // what the others have, or a minute each
);
