// `npm run bench:checkpoint -- --shape 1b --out FOLDER`: a checkpoint of a public shape with random bfloat16 weights, as the other
// benchmarks read it. It gets the bundled teacher's tokenizer, or that of the folder that `--tokenizer` names.
import { parseArgs } from 'node:util';
import { shapeNamed } from './shapes.js';
import { bundledTokenizer, writeCheckpoint } from './write-checkpoint.js';

const { values } = parseArgs({
  options: {
    shape: { type: 'string', default: '1b' },
    out: { type: 'string' },
    tokenizer: { type: 'string', default: bundledTokenizer },
  },
});
if (values.out === undefined) throw new RangeError('--out names the folder');
await writeCheckpoint(values.out, shapeNamed(values.shape), values.tokenizer);
