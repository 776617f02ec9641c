// What a verb says when it fails: the values that recipes take from the environment, and those that the shell has put into a flag, are in
// no message, no stack and no file of any verb.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { createBench, runCaptured, type Bench, type Outcome } from './testing/cli-run.js';

const key = 'planted key/"1"\nof two lines';
const word = 'planted-word';
const forms = [key, 'planted key', encodeURIComponent(key), word];

const plugin = `
import { definePlugin, InputError, strategy } from '@espalier/core';
import { z } from 'zod';
const options = z.strictObject({ key: z.string() });
const refuse = (key) => { throw new InputError({ asked: 'search with ' + key, found: JSON.stringify(key), fix: encodeURIComponent(key) }); };
const create = ({ key }) => ({ name: 'told', summary: '', choose: () => refuse(key) });
export default definePlugin({ name: 'tells', provides: [strategy('search', { name: 'told', summary: '', options, create })] });
`;
const recipe = `
name: told
model: model
data: text.txt
evaluation: { maxTokens: 17 }
steps:
  - { name: w, target: "\${env:PLANTED_TARGET}", importance: { samples: 4, length: 16 }, distillation: { tokens: 128, length: 16 } }
`;

let bench: Bench;
const at = (...parts: readonly string[]): string => join(bench.folder, ...parts);
beforeAll(async () => {
  bench = await createBench();
  vi.stubEnv('XDG_CONFIG_HOME', at('config'));
  await writeFile(at('tells.ts'), plugin);
  await writeFile(at('rows.jsonl'), '{"text":"the cat"}\n');
  await writeFile(at('ends.yaml'), recipe);
  const search = `    search: { name: told, key: "\${env:PLANTED_KEY}" }\n`;
  const searched = recipe.replace('steps:', 'plugins: [./tells.ts]\nsteps:').replace('  - {', '  -\n    {');
  await writeFile(
    at('searches.yaml'),
    searched.replace(/ {4}\{ (.*) \}\n/, (_, own: string) => blocked(own) + search),
  );
  const config: unknown = JSON.parse(await readFile(at('model', 'config.json'), 'utf8'));
  const pretraining = { tokens: 256, length: 16, batch: 4, tokenizer: at('model'), config };
  const data = { source: at('rows.jsonl'), field: '${env:PLANTED_WORD}' };
  await writeFile(at('pretrains.json'), JSON.stringify({ pretraining, data }));
});
afterEach(() => vi.unstubAllEnvs());
afterAll(() => bench.remove());

/** Entries of a flow map as lines of a block. */
function blocked(entries: string): string {
  return `    ${entries.replace(/, (?=(?:target|importance|distillation):)/g, '\n    ')}\n`;
}

function plant(): void {
  vi.stubEnv('XDG_CONFIG_HOME', at('config'));
  vi.stubEnv('PLANTED_KEY', key);
  vi.stubEnv('PLANTED_WORD', word);
  vi.stubEnv('PLANTED_TARGET', '50.00%');
  vi.stubEnv('PLANTED_API_KEY', word);
}

/** That a verb has failed, naming variables in place of what they hold, and has written that nowhere. */
async function expectNothingTold({ code, stdout, stderr }: Outcome): Promise<void> {
  expect(code, stderr).toBeGreaterThan(0);
  expect(stderr).toContain('${env:PLANTED_');
  for (const form of forms) expect(stdout + stderr).not.toContain(form);
  for (const own of await readdir(bench.folder, { recursive: true, withFileTypes: true })) {
    const content = own.isFile() ? await readFile(join(own.parentPath, own.name), 'latin1') : '';
    expect(
      forms.filter((form) => own.name.includes(form) || content.includes(form)),
      own.name,
    ).toEqual([]);
  }
}

test.each([
  ['plan', () => ['plan', '--recipe', at('searches.yaml'), '--trust', '--no-time']],
  ['compress', () => ['compress', '--recipe', at('searches.yaml'), '--trust', '--run', at('compressed')]],
  ['search', () => ['search', at('searched'), '--recipe', at('searches.yaml'), '--trust']],
  [
    'evaluate',
    () => ['evaluate', '--model', at('model'), '--data', at('rows.jsonl'), '--field', '${env:PLANTED_WORD}'],
  ],
  ['pretrain', () => ['pretrain', '--recipe', at('pretrains.json'), '--out', at('out')]],
])(
  '%s tells nothing of what a strategy was given, in a message or a stack',
  async (_verb, flags) => {
    plant();
    await expectNothingTold(await runCaptured(...flags()));
    await expectNothingTold(await runCaptured(...flags(), '--verbose'));
  },
  120_000,
);

test('verbs of a run tell nothing of a variable whose value its recipe cannot use', async () => {
  plant();
  expect(await runCaptured('calibrate', at('run'), '--recipe', at('ends.yaml'))).toMatchObject({ code: 0 });
  vi.stubEnv('PLANTED_TARGET', 'planted-word-of-a-target');
  for (const verb of ['resume', 'score']) await expectNothingTold(await runCaptured(verb, at('run')));
  await expectNothingTold(await runCaptured('export', at('run'), '--out', at('out'), '--row', word));
}, 120_000);

test.each([
  ['plan', '--recipe'],
  ['compress', '--recipe'],
  ['evaluate', '--data', 'tinytales', '--model'],
  ['generate', '--model'],
  ['pretrain', '--out', 'out', '--recipe'],
  ['export', '--out', 'out'],
  ['resume'],
  ['status'],
  ['report'],
  ['calibrate'],
  ['init', '--yes', '--target'],
  ['plugins', '--plugin'],
  ['new', 'plugin', 'mine', '--kind'],
  ['demo', '--seed'],
])('%s tells nothing of a secret that the shell has put into its flags', async (...flags) => {
  plant();
  await expectNothingTold(await runCaptured(...flags, word));
});
