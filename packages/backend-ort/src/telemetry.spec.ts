// What leaves the machine when a program uses the backend from code: nothing, neither to the home folder nor to the network.
import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const moduleOf = (name: string, entry = 'index'): string =>
  JSON.stringify(pathToFileURL(join(root, `packages/${name}/dist/${entry}.js`)));
const tracer = spawnSync('strace', ['-V']).status === 0;

/** Doubles two numbers by the backend and prints them. */
const use = `
import { hostFloats, input, multiply, program } from ${moduleOf('core', 'index-graph')};
export async function use() {
  const { ortBackend } = await import(${moduleOf('backend-ort')});
  const doubled = program('doubled', { outputs: { y: multiply(input('x', [2], 'float32'), 2) } });
  const executable = await ortBackend({ threads: 1 }).compile(doubled);
  const { y } = await executable.run({ x: hostFloats([1, 2], [2]) });
  await executable.dispose();
  console.log(y.data.join());
}`;

const inMainThread = `import { use } from './use.mjs';\nawait use();`;
const inWorker = (mainThread = '', options = '{}') => `
import { isMainThread, Worker } from 'node:worker_threads';
import { use } from './use.mjs';
if (isMainThread) {
  ${mainThread}
  new Worker(new URL(import.meta.url), ${options}).on('error', (error) => console.log(error.message));
} else await use();`;

let folder: string;

beforeAll(async () => {
  const compile = ['node_modules/typescript/bin/tsc', '--build', 'packages/backend-ort/tsconfig.lib.json'];
  await promisify(execFile)(process.execPath, compile, { cwd: root });
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'espalier-telemetry-'));
  await writeFile(join(folder, 'use.mjs'), use);
});
afterEach(() => rm(folder, { recursive: true }));

const trace = (log: string): readonly string[] => ['-f', '-e', 'trace=network', '-o', log];

/** Runs a program with a home folder of its own; the environment says nothing of telemetry. */
async function run(text: string, log?: string) {
  const home = join(folder, 'home');
  const file = join(folder, 'main.mjs');
  await writeFile(file, text);
  const { ORT_DISABLE_TELEMETRY: _, XDG_CACHE_HOME: __, ...inherited } = process.env;
  const env = { ...inherited, HOME: home, USERPROFILE: home };
  const [program, rest] =
    log === undefined ? [process.execPath, [file]] : ['strace', [...trace(log), process.execPath, file]];
  const { stdout } = await promisify(execFile)(program, rest, { env, cwd: folder });
  return { printed: stdout.trim(), written: await readdir(home).catch(() => []) };
}

test.for<readonly [string, string]>([
  ['the main thread', inMainThread],
  [
    'a worker thread, with the package imported in the main thread',
    inWorker(`await import(${moduleOf('backend-ort')});`),
  ],
])('%s computes, and nothing is written under the home folder', async ([, text]) => {
  expect(await run(text)).toEqual({ printed: '2,4', written: [] });
});

test.for(['{}', "{ env: { ORT_DISABLE_TELEMETRY: '1' } }"])(
  'a worker thread that cannot turn telemetry off (%s) is refused, and told what to do',
  async (options) => {
    const { printed, written } = await run(inWorker('', options));
    expect(printed).toContain('or start Node with ORT_DISABLE_TELEMETRY=1');
    expect(written).toEqual([]);
  },
);

test.skipIf(!tracer)('no host is looked up or connected to in twelve seconds (traced by strace)', async () => {
  const log = join(folder, 'calls');
  // With telemetry on, the first look-up comes ten seconds after the library has started (1.30.0).
  const patient = `${inMainThread}\nsetTimeout(() => {}, 12_000);`;
  expect((await run(patient, log)).printed).toBe('2,4');
  const calls = (await readFile(log, 'utf8')).split('\n');
  expect(calls.some((line) => line.includes('exited with 0'))).toBe(true); // it did trace
  expect(calls.filter((line) => /sa_family=AF_INET|sun_path=/.test(line))).toEqual([]);
});
