// What every verb has in common: help of one screen, one meaning for each flag, nothing given twice, recipes to find and to change.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createProgram } from '../cli.js';
import { runCaptured } from '../testing/cli-run.js';

const program = createProgram(new AbortController().signal, false);
const verbs = program.commands.flatMap((own): readonly Command[] => [own, ...own.commands]);
const pathOf = (own: Command): string =>
  own.parent === null || own.parent === program ? own.name() : `${own.parent.name()} ${own.name()}`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'espalier-verbs-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test.each([['espalier', program] as const, ...verbs.map((own) => [pathOf(own), own] as const)])(
  'the help of %s fits a screen',
  (_name, own) => {
    const lines = own.helpInformation().split('\n');
    expect(lines.length).toBeLessThanOrEqual(40);
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
  },
);

test('a flag means the same wherever it stands', () => {
  const meanings = new Map<string, Map<string, string>>();
  for (const own of verbs) {
    for (const { long, flags } of own.options) {
      const name = long ?? flags;
      meanings.set(name, (meanings.get(name) ?? new Map<string, string>()).set(flags, pathOf(own)));
    }
  }
  const spelt = [...meanings].filter(([, forms]) => forms.size > 1).map(([name, forms]) => [name, [...forms.keys()]]);
  expect(spelt).toEqual([
    ['--out', ['-o, --out <folder>', '-o, --out <file>']], // init writes a file
    ['--kind', ['--kind <kind>', '--kind <kinds...>']], // a new package may bring several
  ]);
});

test('a short flag stands for one long flag', () => {
  const long = new Map<string, Set<string>>();
  for (const { short, long: name } of verbs.flatMap(({ options }) => options))
    if (short !== undefined) long.set(short, (long.get(short) ?? new Set()).add(name ?? ''));
  expect([...long].filter(([, names]) => names.size > 1)).toEqual([]);
});

test('every example of the help is taken as it stands', async () => {
  const examples = verbs.flatMap((own) =>
    [...own.description().matchAll(/^ {2}espalier (.*)$/gm)].map(([, line = '']) => line.split(' >> ')[0] ?? ''),
  );
  expect(examples.length).toBeGreaterThan(20);
  for (const example of examples) {
    const words = [...example.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
    const parser = createProgram(new AbortController().signal, false);
    const parsed: string[] = [];
    for (const own of parser.commands.flatMap((each): readonly Command[] => [each, ...each.commands]))
      own.action(() => void parsed.push(own.name()));
    await parser.parseAsync(words, { from: 'user' });
    expect(parsed, example).toHaveLength(1);
  }
});

test.each([
  [['evaluate', '-m', 'a', '-d', 'b', '--data', 'c'], "'-d, --data <source>' was given more than once"],
  [['compress', '--no-compare', '--no-compare'], "'--no-compare' was given more than once"],
])('%j is refused', async (argv, message) => {
  const { code, stderr } = await runCaptured(...argv);
  expect(stderr).toContain(message);
  expect(code).toBe(2);
});

test('--help-all shows the flags that --help only names', async () => {
  const few = await runCaptured('compress', '--help');
  const all = await runCaptured('compress', '--help-all');
  expect(few.stdout).toMatch(/More \(--help-all\): .*--warmup/);
  expect(all.stdout).toMatch(/--warmup <n> +steps of linear warm-up/);
  expect([few.code, all.code]).toEqual([0, 0]);
});

test('distill is distil', async () => {
  const { code, stderr } = await runCaptured('distill', join(folder, 'none'));
  expect(stderr).toContain('there is no run yet');
  expect(code).toBe(2);
});

test('a bundled recipe is listed, shown, copied, and the copy plans as the original does', async () => {
  const listed = await runCaptured('recipes');
  expect(listed.stdout).toMatch(/^demo +the bundled TinyTales teacher/m);
  const file = join(folder, 'mine.yaml');
  expect((await runCaptured('recipes', 'copy', 'demo', file)).code).toBe(0);
  expect((await runCaptured('recipes', 'cat', 'demo')).stdout).toBe(await readFile(file, 'utf8'));
  const planned = async (...argv: readonly string[]) =>
    JSON.parse((await runCaptured('plan', '--no-time', '--json', ...argv)).stdout) as unknown;
  expect(await planned('-r', file)).toEqual(await planned('-r', 'demo'));
  await writeFile(file, 'mine');
  const again = await runCaptured('recipes', 'copy', 'demo', file);
  expect(again.stderr).toContain('--overwrite');
  expect(again.code).toBe(2);
  expect(await readFile(file, 'utf8')).toBe('mine');
});

test('a recipe of no such name is guessed at', async () => {
  const { code, stderr } = await runCaptured('recipes', 'cat', 'dmeo');
  expect(stderr).toContain('Perhaps "demo" was meant');
  expect(code).toBe(2);
});

test('--set changes the plan, and what is wrong with it is told of the flag', async () => {
  const planned = async (...argv: readonly string[]) =>
    runCaptured('plan', '--no-time', '--json', '-r', 'demo', ...argv);
  expect((await planned('--set', 'steps[0].target=25%')).stdout).not.toBe((await planned()).stdout);
  const wrong = await planned('--set', 'steps[0].distillation.tokens=many');
  expect(wrong.stderr).toContain('with --set steps[0].distillation.tokens');
  expect(wrong.code).toBe(2);
});
