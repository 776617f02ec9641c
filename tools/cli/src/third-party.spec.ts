// Proof from outside: our packages as tarballs, a plugin package of somebody else's made by `espalier new`, in folders that know
// nothing of this repository. It builds, passes its suites, and a recipe that names it runs.
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '../../..');
const ours = [
  'packages/core',
  'packages/testing',
  'packages/backend-ort',
  'packages/backend-tfjs',
  'packages/plugins',
  'packages/run',
  'tools/generators',
  'tools/cli',
];

let outside = '';
const at = (...parts: readonly string[]): string => path.join(outside, ...parts);

async function run(folder: string, command: string, ...args: readonly string[]): Promise<string> {
  const shell = process.platform === 'win32'; // npm is a script there
  const { NODE_OPTIONS: _options, ...env } = process.env;
  try {
    const { stdout, stderr } = await promisify(execFile)(command, args, {
      cwd: folder,
      shell,
      env,
      maxBuffer: 2 ** 26,
    });
    return stdout + stderr;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { readonly stdout?: string; readonly stderr?: string };
    throw new Error(`${command} ${args.join(' ')} failed in ${folder}:\n${stdout}\n${stderr}`, { cause: error });
  }
}

async function tarballs(): Promise<readonly string[]> {
  return (await readdir(at('tarballs'))).map((file) => at('tarballs', file));
}

// As the readme says: no script of a dependency is needed, and that of onnxruntime-node would fetch what only CUDA needs.
const quiet = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];

/** Installs tarballs, and what they need, from the cache where it can. */
async function install(folder: string, files: readonly string[]): Promise<void> {
  await run(folder, 'npm', 'install', '--no-save', ...quiet, ...files);
}

beforeAll(async () => {
  outside = await mkdtemp(path.join(tmpdir(), 'espalier-outside-'));
  await mkdir(at('tarballs'));
  const workspaces = ours.flatMap((folder) => ['--workspace', folder]);
  await run(root, 'npm', 'pack', '--ignore-scripts', '--pack-destination', at('tarballs'), ...workspaces);
});
afterAll(() => rm(outside, { recursive: true, force: true }));

/** The command that the first test installs. */
const command = (): string =>
  process.platform === 'win32' ? at('global', 'espalier.cmd') : at('global', 'bin', 'espalier');

test('installed for everywhere, the command works in an empty folder', async () => {
  await mkdir(at('empty'));
  await run(at('empty'), 'npm', 'install', '--global', '--prefix', at('global'), ...quiet, ...(await tarballs()));
  const said = await run(at('empty'), command(), 'generate', '-m', 'tinytales', '--max-new-tokens', '8', '--json');
  expect(JSON.parse(said)).toMatchObject({ texts: [expect.any(String)] });
  expect(await run(at('empty'), command(), 'init', '--yes')).toContain('recipe.yaml');
  expect(await run(at('empty'), command(), 'plan', '-r', 'recipe.yaml', '--no-time')).toContain('50pct');
  expect(await readdir(at('empty'))).toEqual(['recipe.yaml']);
});

test('a plugin package made outside builds, passes its suites and packs', async () => {
  await mkdir(at('maker'));
  await writeFile(at('maker', 'package.json'), '{ "private": true }');
  await run(
    at('maker'),
    command(),
    'new',
    'plugin',
    'espalier-plugin-proof',
    '--kind',
    'scorer',
    'loss',
    'subscriber',
    'stop',
    'family',
    'backend',
    'transform',
    '--out',
    at('proof'),
  );
  const needed = (await tarballs()).filter((file) => /^espalier-(core|testing|plugins)-/.test(path.basename(file)));
  await install(at('proof'), needed);
  expect(await run(at('proof'), 'npm', 'test')).toMatch(/passed/);
  await run(at('proof'), 'npm', 'pack', '--pack-destination', at('tarballs'));
  expect((await readdir(at('tarballs'))).filter((file) => file.startsWith('espalier-plugin-proof'))).toHaveLength(1);
});

test('a recipe that names the installed package runs it', async () => {
  await install(at('maker'), await tarballs());
  await writeFile(at('maker', 'recipe.yaml'), recipe);
  const said = await run(at('maker'), 'npx', 'espalier', 'compress', '--recipe', 'recipe.yaml', '--run', 'run');
  expect(said).toContain('proof-subscriber: step 0 loss');
  const events = await readFile(at('maker', 'run', 'events.ndjson'), 'utf8');
  expect(events).toContain('"objective":"proof-loss"');
  expect(events).toContain('proof-scorer');
  expect(await readdir(at('maker', 'run'))).toEqual(expect.arrayContaining(['summary.json', 'report.html']));
});

test('a package with an evaluator, a stop rule, a transform, a masking source, an averaging optimiser and a curriculum runs', async () => {
  await cp(path.join(root, 'packages/run/src/testing/seams'), at('seams'), { recursive: true });
  const { version } = JSON.parse(await readFile(path.join(root, 'packages/core/package.json'), 'utf8')) as {
    readonly version: string;
  };
  const manifest = {
    name: 'espalier-plugin-seams',
    version: '1.0.0',
    type: 'module',
    exports: './index.ts',
    peerDependencies: { '@espalier/core': `^${version}` },
  };
  await writeFile(at('seams', 'package.json'), JSON.stringify(manifest));
  await run(at('seams'), 'npm', 'pack', '--pack-destination', at('tarballs'));
  await install(at('maker'), await tarballs());
  const chat = Array.from({ length: 60 }, (_, i) => `who is it ${i}\tthe cat\tand then\tit sat ${'on '.repeat(i % 7)}`);
  await writeFile(at('maker', 'chat.txt'), chat.join('\n'));
  await writeFile(at('maker', 'seams.yaml'), seams);
  const said = await run(at('maker'), 'npx', 'espalier', 'compress', '--recipe', 'seams.yaml', '--run', 'seams-run');
  expect(said).toContain('weight size');
  const events = await readFile(at('maker', 'seams-run', 'events.ndjson'), 'utf8');
  for (const part of ['"objective":"rising-kl"', '"rule":"step-budget"', 'transform/grid'])
    expect(events).toContain(part);
  const { rows } = JSON.parse(await readFile(at('maker', 'seams-run', 'summary.json'), 'utf8')) as {
    readonly rows: readonly { readonly trainingTokens: number }[];
  };
  expect(rows.at(-1)?.trainingTokens).toBe(3 * 4 * 32);
});

const seams = `
name: seams
model: tinytales
data: { source: chat, path: chat.txt }
plugins: [espalier-plugin-seams]
evaluation: { evaluators: [perplexity, weight-size] }
steps:
  - name: narrow
    target: ffn=200
    importance: { samples: 8, batch: 4, length: 32 }
    transforms: [{ at: after-distil, name: grid, step: 0.0078125 }]
    distillation:
      losses: [rising-kl]
      optimizer: { name: averaged, decay: 0.9 }
      stop: { name: step-budget, steps: 3 }
      tokens: 2048
      batch: 4
      length: 32
`;

const recipe = `
name: proof
model: tinytales
data: tinytales
plugins: [espalier-plugin-proof]
subscribers: [proof-subscriber]
steps:
  - target: ffn=200
    importance: { scorers: [proof-scorer], samples: 8, batch: 4, length: 32 }
    pruner: width
    distillation: { losses: [proof-loss], tokens: 2048, batch: 4, length: 32 }
`;
