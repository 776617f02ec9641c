// A backend that counts what is asked of it, over one that does the work.
import { referenceBackend, type Backend, type DeviceState } from '@espalier/core';

/** How often each method was called. */
export interface BackendCalls {
  /** Programs compiled, equal ones counted each time. */
  compile: number;
  /** Runs of all executables. */
  run: number;
  /** States made. */
  createState: number;
  /** Reads of all states. */
  read: number;
  /** Writes to all states. */
  write: number;
  /** Executables and states that were disposed of. */
  dispose: number;
}

/** The reference backend, or another, and the counts of its calls so far. */
export function countingBackend(inner: Backend = referenceBackend()): {
  /** What to hand to the code under test. */
  readonly backend: Backend;
  /** The counts, which go on counting. */
  readonly calls: Readonly<BackendCalls>;
} {
  const calls: BackendCalls = { compile: 0, run: 0, createState: 0, read: 0, write: 0, dispose: 0 };
  const inside = new WeakMap<DeviceState, DeviceState>(); // a backend takes only states that it made
  const backend: Backend = {
    ...inner,
    async createState(types, device) {
      calls.createState += 1;
      const state = await inner.createState(types, device);
      const counted: DeviceState = {
        types: state.types,
        read(names) {
          calls.read += 1;
          return state.read(names);
        },
        write(values) {
          calls.write += 1;
          return state.write(values);
        },
        dispose() {
          calls.dispose += 1;
          return state.dispose();
        },
      };
      inside.set(counted, state);
      return counted;
    },
    async compile(program, device) {
      calls.compile += 1;
      const executable = await inner.compile(program, device);
      return {
        ...executable,
        run(inputs, state) {
          calls.run += 1;
          return executable.run(inputs, state && (inside.get(state) ?? state));
        },
        dispose() {
          calls.dispose += 1;
          return executable.dispose();
        },
      };
    },
  };
  return { backend, calls };
}
