// Reading the sample: which sequences of which batch count, and in which fold.
import { hostFloats, hostIntegers, type HostTensors } from '../../backend/index.js';
import type { TokenBatch, TokenBatches } from '../../data/index.js';
import { InputError } from '../../errors.js';
import type { StageTools } from '../../pipeline/index.js';
import type { CalibrateSize } from './calibrate-program.js';
import type { FoldCount } from './statistics.js';

/** Folds of a sample when their number is not given. */
export const DEFAULT_FOLDS = 8;

/**
 * Feeds the first `samples` sequences that hold a valid token to `run`, batch by batch, sequence i of them to fold i mod
 * `folds`, and gives what each fold got. Throws `InputError` for fewer sequences than folds; a sample cut short is a warning.
 */
export async function readSample(
  data: TokenBatches,
  samples: number,
  size: CalibrateSize,
  tools: StageTools,
  run: (inputs: HostTensors, done: number) => Promise<void>,
): Promise<readonly FoldCount[]> {
  if (samples < size.folds) throw tooFew(samples, size.folds);
  const folds = Array.from({ length: size.folds }, () => ({ samples: 0, tokens: 0 }));
  let done = 0;
  for await (const batch of data) {
    tools.signal.throwIfAborted();
    const { inputs, tokens } = firstSequences(batch, size, done, samples - done);
    tokens.forEach((count, index) => {
      const fold = folds[(done + index) % size.folds];
      if (fold === undefined) return;
      fold.samples += 1;
      fold.tokens += count;
    });
    done += tokens.length;
    if (tokens.length > 0) await run(inputs, done);
    tools.report({ type: 'progress', done, total: samples, unit: 'samples' });
    if (done >= samples) break;
    // A run blocks the event loop; between runs, timers and signals get their turn.
    await new Promise((resolve) => setImmediate(resolve));
  }
  if (done === 0) {
    throw new InputError({
      asked: `calibrate on ${samples} samples`,
      found: 'the data holds no sequence with a valid token',
      fix: 'Give text, and at least one sample',
    });
  }
  if (done < size.folds) throw tooFew(done, size.folds);
  if (done < samples) {
    const message = `calibration has ${done} samples, ${samples} were asked for: the data ended`;
    tools.report({ type: 'warning', message });
  }
  return folds;
}

function tooFew(found: number, folds: number): InputError {
  return new InputError({
    asked: `calibrate in ${folds} folds`,
    found: `there ${found === 1 ? 'is 1 sample' : `are ${found} samples`}, and every fold needs one`,
    fix: 'Give more samples, or ask for fewer folds',
  });
}

/** The first sequences that hold a valid token, at most `wanted`, in a batch of the full size; the rest weighs 0. */
function firstSequences(
  { ids, targets, weights, batch, length }: TokenBatch,
  size: CalibrateSize,
  done: number,
  wanted: number,
): { readonly inputs: HostTensors; /** Valid tokens of each. */ readonly tokens: readonly number[] } {
  if (length !== size.length || batch > size.batch) {
    throw new InputError({
      asked: `calibrate on batches of ${size.batch} × ${size.length} tokens`,
      found: `one is ${batch} × ${length}`,
      fix: 'Give batches of one size, as packed and padded make them; only the last may have fewer sequences',
    });
  }
  const count = size.batch * length;
  const own = { ids: new Int32Array(count), targets: new Int32Array(count), weights: new Float32Array(count) };
  const assignment = new Float32Array(size.folds * size.batch);
  const tokens: number[] = [];
  for (let row = 0; row < batch && tokens.length < wanted; row++) {
    const [start, end] = [row * length, (row + 1) * length];
    const valid = weights.subarray(start, end).filter((weight) => weight !== 0).length;
    if (valid === 0) continue;
    own.ids.set(ids.subarray(start, end), start);
    own.targets.set(targets.subarray(start, end), start);
    own.weights.set(weights.subarray(start, end), start);
    assignment[((done + tokens.length) % size.folds) * size.batch + row] = 1;
    tokens.push(valid);
  }
  const shape = [size.batch, length];
  const inputs = {
    ids: hostIntegers(own.ids, shape),
    targets: hostIntegers(own.targets, shape),
    weights: hostFloats(own.weights, shape),
    folds: hostFloats(assignment, [size.folds, size.batch]),
  };
  return { inputs, tokens };
}
