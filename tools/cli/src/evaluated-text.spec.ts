// What a run says of the text that its models are measured on and trained on, from the command line.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createBench, lines, runCaptured, type Bench } from './testing/cli-run.js';

let bench: Bench;
let long: string;
beforeAll(async () => {
  bench = await createBench();
  long = join(bench.folder, 'long.txt');
  await writeFile(long, lines.slice(0, 40).join(' and '));
});
afterAll(() => bench.remove());

const times = (text: string, what: RegExp): number => [...text.matchAll(new RegExp(what, 'g'))].length;
const cut = /1 of 1 document is cut to the first 17 tokens, which leaves out 99% of the text/;
const few = /judged on 1 document of 16 predicted tokens: too few to say how sure it is/;
const passes = /20,000 tokens of training see a text of [\d,]+ tokens [\d.]+ times: more than 4 times is memorised/;

test('compress and resume say once what is cut, how little is judged on, and how often the text is seen', async () => {
  const run = join(bench.folder, 'cut');
  const data = join(bench.folder, 'short.txt');
  await writeFile(data, lines.slice(0, 40).join('\n'));
  const whole = {
    run,
    data,
    'eval-data': long,
    'eval-split': 'whole',
    tokens: '20k',
    out: join(bench.folder, 'cut-out'),
  };
  const { code, stdout, stderr } = await bench.compress(whole, ['--no-compare']);
  expect(code).toBe(0);
  for (const line of [cut, few, passes]) expect(times(stderr, line)).toBe(1);
  expect(stdout).toContain('too few documents to say how sure');
  expect(await readFile(join(run, 'report.html'), 'utf8')).toContain('too few documents to say how sure');
  const again = await runCaptured('resume', run);
  expect(again.code).toBe(0);
  for (const line of [cut, few]) expect(times(again.stderr, line)).toBe(1);
});

test('evaluate says the same, and windows that slide measure all of the text', async () => {
  const asked = [
    'evaluate',
    '--model',
    bench.model,
    '--data',
    long,
    '--split',
    'whole',
    '--max-tokens',
    '17',
    '--json',
  ];
  const short = await runCaptured(...asked);
  expect(times(short.stderr, cut)).toBe(1);
  expect(times(short.stderr, few)).toBe(1);
  expect(JSON.parse(short.stdout)).toMatchObject({ tokens: 16, confidence: null });
  const rolling = await runCaptured(...asked, '--windows', 'rolling', '--stride', '8');
  expect(rolling.stderr).not.toMatch(/cut to|judged on/);
  const { tokens, confidence } = JSON.parse(rolling.stdout) as { tokens: number; confidence: readonly number[] };
  expect(tokens).toBeGreaterThan(2000);
  expect(confidence).toHaveLength(2);
  const odd = await runCaptured(...asked, '--stride', '8');
  expect(odd).toMatchObject({ code: 2, stdout: '' });
  expect(odd.stderr).toContain('which do not slide');
});

test('text that is trained on is refused to judge by; when it is allowed, output and card say so', async () => {
  const out = join(bench.folder, 'same-out');
  const flags = { run: join(bench.folder, 'same'), out, 'eval-data': bench.text, tokens: '1k' };
  const refused = await bench.compress(flags, ['--no-compare']);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toMatch(
    /a file is the same, and 200 of 200 documents are trained on as well.*--allow-overlap/,
  );
  const allowed = await bench.compress(flags, ['--no-compare', '--allow-overlap']);
  expect(allowed.code).toBe(0);
  expect(times(allowed.stderr, /its numbers show what was memorised/)).toBe(1);
  expect(await readFile(join(out, 'README.md'), 'utf8')).toContain('may have been trained on as well');
});
