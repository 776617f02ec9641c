// Names given where another kind of name is meant: each is told apart, and where it goes is said.
import { expect, test } from 'vitest';
import { runCaptured } from './testing/cli-run.js';

const recipe = 'llama-3.1-8b-to-4b-width';

test.each([
  [
    'a model without its flag',
    ['compress', 'tinytales'],
    /too many arguments.*\n.*\n.*a model is given by -m.*-m tinytales/s,
  ],
  [
    'a bundled recipe without its flag',
    ['plan', recipe],
    new RegExp(`the name of a bundled recipe: give it by -r ${recipe}`),
  ],
  [
    'a bundled recipe as a model',
    ['plan', '-m', recipe, '-t', '50%'],
    new RegExp(`bundled recipe. Give it by --recipe ${recipe}`),
  ],
  [
    'the bundled model as a recipe',
    ['compress', '-r', 'tinytales'],
    /the bundled model, and no recipe. Give it by --model tinytales/,
  ],
  [
    'a run that is not there, to chat with',
    ['chat', 'runs/none'],
    /use model "runs\/none": there is no such run folder/,
  ],
  [
    'a run that is not there, to measure',
    ['evaluate', '-m', 'runs/none', '-d', 'tinytales'],
    /there is no such run folder/,
  ],
])('%s', async (_what, argv, found) => {
  const { code, stdout, stderr } = await runCaptured(...argv);
  expect(stderr).toMatch(found);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
});
