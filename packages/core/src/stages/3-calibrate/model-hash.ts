// Which model something belongs to: a digest of its shape and weights, taken while the weights are read, which is also when
// numbers that nothing can be computed from are found.
import { createHash } from 'node:crypto';
import { checkFiniteValues } from '../../formats/index.js';
import { weightParts, weightShape, weightSpecs, type Model, type Weights, type WeightSpec } from '../../model/index.js';

/** Weights that are watched while they are read. */
export interface WatchedWeights extends Weights {
  /** The model's digest (see `modelHash`); reads what has not been read yet. */
  hash(): Promise<string>;
  /**
   * The digest, taken while a work runs that leaves the weights in their files, and what the work gave. It is given the signal, which the
   * first failure of either aborts. Rejects as that one.
   */
  hashBeside<Value>(
    signal: AbortSignal,
    work: (signal: AbortSignal) => Promise<Value>,
  ): Promise<readonly [string, Value]>;
}

/** SHA-256 over the shape and every weight's float32 values, in hexadecimal. Throws `InputError` for a NaN or infinite weight. */
export function modelHash(model: Model): Promise<string> {
  return watchedWeights(model).hash();
}

/** A model's weights, hashed as they are read whole. A read rejects with `InputError` when a value is NaN or infinite, naming the weight. */
export function watchedWeights(model: Model): WatchedWeights {
  const digests = new Map<string, string>();
  const asked = `read the weights of "${model.folder}"`;
  return {
    // What is left in its file is read by `hash` alone.
    ...(model.weights.stored && { stored: (name: string) => model.weights.stored?.(name) }),
    ...(model.weights.check && { check: async (name: string) => model.weights.check?.(name) }),
    async read(name) {
      const values = await model.weights.read(name);
      checkFiniteValues(values, { name }, asked);
      if (!digests.has(name)) digests.set(name, createHash('sha256').update(bytesOf(values)).digest('hex'));
      return values;
    },
    hash: () => hash(),
    async hashBeside(signal, work) {
      const failed = new AbortController();
      const both = AbortSignal.any([signal, failed.signal]);
      const either = async <Value>(own: Promise<Value>): Promise<Value> => {
        try {
          return await own;
        } catch (error) {
          failed.abort(error);
          throw error;
        }
      };
      const running = [either(hash(both)), either(work(both))] as const;
      // Neither is left at work when the other has failed: the weights may be closed then.
      await Promise.allSettled(running);
      both.throwIfAborted();
      return Promise.all(running);
    },
  };

  async function hash(signal?: AbortSignal): Promise<string> {
    const whole = createHash('sha256').update(sortedJson(model.architecture));
    for (const spec of weightSpecs(model)) {
      const { name } = spec;
      whole.update(`${name} ${digests.get(name) ?? (await digestOf(spec, signal))}\n`);
    }
    return whole.digest('hex');
  }

  /** The same digest of a weight that nobody has read whole, a part of it in memory at a time. */
  async function digestOf(spec: WeightSpec, signal?: AbortSignal): Promise<string> {
    const [digest, shape] = [createHash('sha256'), weightShape(spec, model.architecture.sizes)];
    for await (const { begin, values } of weightParts(model.weights, spec.name, shape)) {
      signal?.throwIfAborted();
      checkFiniteValues(values, { name: spec.name, begin }, asked);
      digest.update(bytesOf(values));
    }
    const own = digest.digest('hex');
    digests.set(spec.name, own);
    return own;
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** JSON whose members are in alphabetical order at every level. */
function sortedJson(value: unknown): string {
  return JSON.stringify(value, (_key, own: unknown) =>
    typeof own === 'object' && own !== null && !Array.isArray(own)
      ? Object.fromEntries(Object.entries(own).sort(([a], [b]) => (a < b ? -1 : 1)))
      : own,
  );
}
