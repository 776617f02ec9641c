// The complete backend of docs/5.add-a-backend.md, named by flags as its page says.
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { createBench, runCaptured } from './testing/cli-run.js';

const plugin = fileURLToPath(new URL('../../../examples/toy-backend.ts', import.meta.url));

test('the toy backend writes what ONNX Runtime writes', async () => {
  const bench = await createBench();
  try {
    const asked = ['generate', '--model', bench.model, '--prompt', 'the cat', '--max-new-tokens', '4', '--seed', '5'];
    const toy = await runCaptured(...asked, '--plugin', plugin, '--backend', 'toy');
    expect(toy.stderr).toBe('');
    expect(toy.stdout).toMatch(/^the cat \S/);
    expect(toy.stdout).toBe((await runCaptured(...asked)).stdout);
  } finally {
    await bench.remove();
  }
});

test('a slip of the pen in its name is guessed at', async () => {
  const { code, stderr } = await runCaptured(
    'generate',
    '--plugin',
    plugin,
    '--backend',
    'toys',
    '--model',
    'any',
    '--prompt',
    'a',
  );
  expect(stderr).toContain('Perhaps "toy" was meant');
  expect(code).toBe(2);
});
