// Plugin files that come with a recipe or a run folder: no verb loads one that nobody named or trusted.
import { writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createBench, runCaptured, type Bench } from './testing/cli-run.js';

let bench: Bench;
const at = (name: string): string => join(bench.folder, name);
/** A plugin that leaves a file when it is loaded. */
const plugin = (left: string): string => `
import { writeFileSync } from 'node:fs';
writeFileSync(${JSON.stringify(left)}, '');
export default { name: 'mine', provides: [] };`;

beforeAll(async () => {
  bench = await createBench();
  const step = { target: 'ffn=8', importance: { samples: 4, length: 16 }, distillation: { tokens: 64, length: 16 } };
  const recipe = { model: bench.model, data: bench.text, plugins: ['./mine.js'], steps: [step] };
  await writeFile(at('recipe.json'), JSON.stringify(recipe));
  await writeFile(at('mine.js'), plugin(at('loaded')));
});
afterAll(() => bench.remove());

test.each([
  ['plan', ['plan', '--no-time', '--recipe', 'recipe.json']],
  ['compress', ['compress', '--run', 'run', '--recipe', 'recipe.json']],
  ['score', ['score', 'run', '--recipe', 'recipe.json']],
])('%s does not load what a recipe brings along, and says which file it is', async (_verb, argv) => {
  const { code, stderr } = await runCaptured(...argv.map((own) => (/^(run|recipe\.json)$/.test(own) ? at(own) : own)));
  expect(code).toBe(2);
  expect(stderr).toMatch(/mine\.js" \(sha256 [0-9a-f]{64}\).*--plugin .*mine\.js, or --trust/);
  expect(existsSync(at('loaded'))).toBe(false);
  expect(existsSync(at('run'))).toBe(false);
});

test('once trusted, a run is resumed and exported without asking, until the file changes', async () => {
  const begun = await runCaptured('compress', '--recipe', at('recipe.json'), '--run', at('run'), '--trust');
  expect(begun.code, begun.stderr).toBe(0);
  expect(existsSync(at('loaded'))).toBe(true);
  expect(await runCaptured('export', at('run'), '--out', at('first'))).toMatchObject({ code: 0 });
  await writeFile(at('mine.js'), plugin(at('loaded again')));
  const verbs = [
    ['export', at('run'), '--out', at('second')],
    ['resume', at('run')],
    ['distil', at('run')],
  ] as const;
  for (const argv of verbs) {
    const { code, stderr } = await runCaptured(...argv);
    expect(code).toBe(2);
    expect(stderr).toContain('it was changed since you trusted it');
  }
  expect(existsSync(at('loaded again'))).toBe(false);
  expect(await runCaptured('resume', at('run'), '--plugin', at('mine.js'))).toMatchObject({ code: 0 });
});
