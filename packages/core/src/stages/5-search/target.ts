// What a student should be, as data: a share, a number of parameters, a shape, or what it may cost in memory or time. How
// people write it is in parse-target.ts; whether a model can become that is left to the checks beside this file and to the
// search strategies.
import type { Workload } from '../../cost/memory.js';
import type { Serving } from '../../cost/memory.js';

/** The sizes that pruning can change; `attentionLayers` and `ffnLayers` are the layers that have attention, or feed-forward. */
export type PrunableSize = 'hidden' | 'ffn' | 'heads' | 'kvHeads' | 'layers' | 'attentionLayers' | 'ffnLayers';

/** Some sizes of a student; the others stay as they are. */
export type TargetShape = Readonly<Partial<Record<PrunableSize, number>>>;

/** Which parameters count: all of them, or those outside the embedding table and the output projection. */
export type Counted = 'all' | 'non-embedding';

/** A size in parameters. */
export type CountTarget =
  | {
      /** A share of the model's. */
      readonly kind: 'share';
      /** Above 0, at most 1. */
      readonly share: number;
      /** What is counted; all parameters when not given. */
      readonly counted?: Counted;
    }
  | {
      /** A number, or a range. */
      readonly kind: 'parameters';
      /** At most so many; about so many for a strategy with a tolerance, unless `least` is given. */
      readonly parameters: number;
      /** At least so many. */
      readonly least?: number;
      /** What is counted; all parameters when not given. */
      readonly counted?: Counted;
    };

/** Bytes of weights and of the keys and values of a full batch. */
export type MemoryTarget = {
  /** What a served model needs. */
  readonly kind: 'memory';
  /** At most so many bytes. */
  readonly bytes: number;
  /** How the model is served. */
  readonly serving: Serving;
};

/** Time of a forward pass over a batch, measured on this machine. */
export type TimeTarget =
  | {
      /** Time of one pass. */
      readonly kind: 'latency';
      /** At most so many. */
      readonly milliseconds: number;
      /** The batch that passes. */
      readonly workload: Workload;
    }
  | {
      /** Tokens in passes one after another. */
      readonly kind: 'throughput';
      /** At least so many. */
      readonly tokensPerSecond: number;
      /** The batch that passes. */
      readonly workload: Workload;
    };

/** Layers (0-based) by name, in place of a number of them. */
export type LayerChoice = {
  /** Only these layers stay. */
  readonly keepLayers?: readonly number[];
  /** These layers go. */
  readonly dropLayers?: readonly number[];
  /** These layers lose their attention. */
  readonly dropAttention?: readonly number[];
  /** These layers lose their feed-forward block. */
  readonly dropFeedForward?: readonly number[];
};

/** The sizes themselves. */
export type ShapeTarget = {
  /** Some sizes by name. */
  readonly kind: 'shape';
  /** What they shall be. */
  readonly shape: TargetShape;
  /** Which layers stay or go; by their importance when not given. */
  readonly choice?: LayerChoice;
};

/** A target that is met or missed by numbers alone. */
export type ComputedTarget = CountTarget | ShapeTarget | MemoryTarget;

/** What a student should be. */
export type Target = ComputedTarget | TimeTarget;

/** Whether a target has to be measured. */
export function isTimed(target: Target): target is TimeTarget {
  return target.kind === 'latency' || target.kind === 'throughput';
}

/** A target for people: `50% of the parameters`, `4,000,000,000 parameters`, `hidden 48, ffn 96`, `4 GiB for weights in BF16 and …`. */
export function describeTarget(target: Target): string {
  switch (target.kind) {
    case 'share':
      return `${percentage(target.share)} of the ${countedName(target.counted)}`;
    case 'parameters': {
      const least = target.least === undefined ? '' : `${grouped(target.least)} to `;
      return `${least}${grouped(target.parameters)} ${countedName(target.counted)}`;
    }
    case 'shape':
      return [
        ...Object.entries(target.shape).map(([size, value]) => `${size} ${value}`),
        ...Object.entries(target.choice ?? {}).map(([name, layers]) => `${name} ${layers.join(' ')}`),
      ].join(', ');
    case 'memory': {
      const { storage, cacheStorage = storage, ...workload } = target.serving;
      return `${formatBytes(target.bytes)} for weights in ${storage} and a key/value cache in ${cacheStorage} of ${describeWorkload(workload)}`;
    }
    case 'latency':
      return `${target.milliseconds} ms for a forward pass over ${describeWorkload(target.workload)}`;
    case 'throughput':
      return `${grouped(target.tokensPerSecond)} tokens per second over ${describeWorkload(target.workload)}`;
  }
}

/** `parameters`, `parameters without embeddings`. */
export function countedName(counted: Counted = 'all'): string {
  return counted === 'all' ? 'parameters' : 'parameters without embeddings';
}

function describeWorkload({ batch, length }: Workload): string {
  return `${grouped(batch)} × ${grouped(length)} tokens`;
}

const byteUnits = [
  ['GiB', 2 ** 30],
  ['MiB', 2 ** 20],
  ['KiB', 2 ** 10],
] as const;

/** Four digits at most, in the largest unit that is not above it: `4.2 GiB`. */
export function formatBytes(bytes: number): string {
  const [name, size] = byteUnits.find(([, own]) => bytes >= own) ?? ['bytes', 1];
  return `${Number((bytes / size).toPrecision(4))} ${name}`;
}

/** `62.5%`. */
export function percentage(share: number): string {
  return `${Number((share * 100).toFixed(4))}%`;
}

/** A count for people, as British English groups its digits: `130,016`. */
export function grouped(count: number): string {
  return count.toLocaleString('en-GB');
}
