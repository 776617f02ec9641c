// What a person is told when a program does not fit a device, or the device gives up: what to lower, and to what.
import { InputError } from '../errors.js';
import type { Program } from '../graph/program.js';
import { GraphError } from '../graph/shape-rules.js';
import { at } from '../look-up.js';

/** What a program needs at once. */
export interface MemoryNeed {
  /** Bytes of state and values held at the worst moment. */
  readonly peakBytes: number;
  /** Bytes of the largest single value. */
  readonly largestBytes: number;
}

/** What a device has; a limit that is absent is not known. */
export interface MemoryLimits {
  /** Bytes in all. */
  readonly memory?: number;
  /** Bytes of one value. */
  readonly largestValue?: number;
}

/** Throws `InputError` for a program that a device cannot hold, before anything is allocated. */
export function checkMemory(device: string, program: Program, need: MemoryNeed, limits: MemoryLimits): void {
  const { memory = Infinity, largestValue = Infinity } = limits;
  const asked = `run program "${program.name}" on ${device}`;
  if (need.largestBytes > largestValue) {
    const found = `one of its values takes ${gib(need.largestBytes)} and the device allows ${gib(largestValue)} for each`;
    throw new InputError({ asked, found, fix: toLower(program, largestValue / need.largestBytes) });
  }
  if (need.peakBytes > memory) {
    const found = `it needs about ${gib(need.peakBytes)} at once and the device has ${gib(memory)}`;
    throw new InputError({ asked, found, fix: toLower(program, memory / need.peakBytes) });
  }
}

const outOfMemory = /out of memory|allocat|cannot enlarge memory|oom|bad_alloc|array buffer/i;
const noHalves = /requires f16|shader-f16/i;
const deviceLost = /device (is |was )?lost|lost device|device.{0,20}destroyed/i;

/**
 * What a run that failed is reported as: an `InputError` where the device ran out of memory or went away, else the error itself.
 * Whatever was saved before the run is still there.
 */
export function deviceFailure(
  device: string,
  program: Program,
  peakBytes: number | undefined,
  cause: unknown,
): unknown {
  if (!(cause instanceof Error) || cause instanceof GraphError || cause instanceof InputError) return cause;
  const asked = `run program "${program.name}" on ${device}`;
  if (noHalves.test(cause.message)) {
    const fix = 'Compute in float32 (precision: float32), or take another device';
    return new InputError({ asked, found: 'the device has no 16-bit floats', fix }, { cause });
  }
  const need = peakBytes === undefined ? '' : ` (the program needs about ${gib(peakBytes)})`;
  if (deviceLost.test(cause.message)) {
    const fix = `Start again from the last checkpoint. If it happens again: ${lowerFirst(toLower(program, 0.5))}`;
    return new InputError({ asked, found: `the device was lost${need}`, fix }, { cause });
  }
  if (!outOfMemory.test(cause.message)) return cause;
  return new InputError({ asked, found: `the device ran out of memory${need}`, fix: toLower(program, 0.5) }, { cause });
}

/** Which size to lower, and to what: the leading axis of the largest input, which is a batch's number of sequences. */
function toLower(program: Program, ratio: number): string {
  const batches = Object.entries(program.inputs).filter(([, { shape }]) => shape.length > 1);
  const [largest] = batches.sort(([, a], [, b]) => size(b.shape) - size(a.shape));
  const other = 'a smaller model, or another device';
  if (largest === undefined) return `Take ${other}`;
  const [, { shape }] = largest;
  const [rows, length] = [at(shape, 0), at(shape, 1)];
  const fewer = Math.floor(rows * Math.min(ratio, 1));
  if (fewer >= 1 && rows > 1) return `Lower the batch from ${rows} to ${fewer}, or take ${other}`;
  const shorter = Math.max(1, Math.floor(length * Math.min(ratio, 1)));
  return `Lower the length from ${length} to ${shorter}, or take ${other}`;
}

function size(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}

/** Bytes in the largest unit that they fill, e.g. `1.5 GiB`. */
export function gib(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, bytes)) / 10)));
  return `${(bytes / 1024 ** power).toFixed(power === 0 ? 0 : 1)} ${at(units, power)}`;
}

function lowerFirst(text: string): string {
  return `${text.charAt(0).toLowerCase()}${text.slice(1)}`;
}
