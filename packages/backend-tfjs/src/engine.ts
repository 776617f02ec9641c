// TensorFlow.js is one global engine with one active device. All computing goes through here: it waits for a device that is
// being started, activates its own, and does all of its work before anything else can run.
import { InputError, InternalError } from '@espalier/core';
import * as tf from '@tensorflow/tfjs-core';
import type { DeviceKind } from './device-kinds.js';
import type { Rules } from './rules.js';
import { rulesOf } from './workarounds.js';

/** What computing gave, and whether the device stands by it. */
export interface Computed<T> {
  readonly value: T;
  /** Rejects when the device reports that something was not valid. */
  readonly sound: Promise<void>;
}

/** A started device. */
export interface Engine {
  readonly kind: DeviceKind;
  readonly rules: Rules;
  /** Does all of the work on the device, without a pause. */
  compute<T>(work: () => T): Promise<Computed<T>>;
}

/** The start that is under way: as global as the engine it changes. */
let starting: Promise<unknown> | undefined;

/** Starts a device, after any other start. Throws `InputError` when TensorFlow.js cannot. */
export async function startEngine(kind: DeviceKind): Promise<Engine> {
  while (starting !== undefined) await starting;
  const started = start(kind);
  starting = started.then(
    () => (starting = undefined),
    () => (starting = undefined),
  );
  return started;
}

async function start(kind: DeviceKind): Promise<Engine> {
  tf.enableProdMode(); // no banner, no checks of every value
  const { runtime, name } = kind;
  const fail = (found: string, cause?: unknown): InputError => {
    const asked = `start device "${name}" of backend "tfjs"`;
    return new InputError(
      {
        asked,
        found,
        fix: 'Take another device; devices() of the backend, or "espalier devices", lists what can be used',
      },
      { cause },
    );
  };
  let started: boolean;
  try {
    await kind.load();
    started = await tf.setBackend(runtime);
  } catch (cause) {
    throw fail(cause instanceof Error ? cause.message : String(cause), cause);
  }
  // A start that fails may leave another device active, silently.
  if (!started || tf.getBackend() !== runtime) throw fail(`TensorFlow.js took "${tf.getBackend()}" in its place`);
  const watch = deviceWatch(tf.backend());
  return {
    kind,
    rules: rulesOf(runtime),
    async compute(work) {
      while (starting !== undefined) await starting;
      if (tf.getBackend() !== runtime) void tf.setBackend(runtime); // at once, since the device has been started
      if (tf.getBackend() !== runtime) throw new InternalError(`device "${name}" could not be made active`);
      const finish = watch();
      try {
        const value = work();
        return { value, sound: finish() };
      } catch (error) {
        finish().catch(() => undefined); // what was thrown says more
        throw error;
      }
    },
  };
}

/** Starts listening to a device; what it gives back stops that, and rejects with the first complaint. */
type Watch = () => () => Promise<void>;

/** WebGPU goes on after an error and gives wrong numbers: its error scopes tell. Other devices throw by themselves. */
function deviceWatch(backend: object): Watch {
  const device: unknown = Reflect.get(backend, 'device');
  if (!(typeof GPUDevice === 'function' && device instanceof GPUDevice)) return () => () => Promise.resolve();
  const kinds: readonly GPUErrorFilter[] = ['validation', 'out-of-memory', 'internal'];
  return () => {
    for (const kind of kinds) device.pushErrorScope(kind);
    return async () => {
      const found = await Promise.all(kinds.map(() => device.popErrorScope()));
      const error = found.find((own) => own !== null);
      if (error == null) return;
      const kind = error instanceof GPUOutOfMemoryError ? 'out of memory: ' : '';
      throw new Error(`WebGPU: ${kind}${error.message}`);
    };
  };
}
