// The reference evaluator as a backend: float64 throughout, no speed. The oracle of the conformance suite.
import { evaluate, type Values } from '../graph/evaluate.js';
import type { Program, TensorTypes } from '../graph/program.js';
import { GraphError } from '../graph/shape-rules.js';
import { elementCount } from '../graph/tensor.js';
import type { Backend, DeviceState, Executable, HostTensor, HostTensors } from './backend.js';
import { chooseDevice } from './devices.js';
import { checkHostTensor, checkRun, hostTensor, hostValues, stateType } from './host.js';
import { present } from '../look-up.js';

/** A backend that evaluates every program in float64 (results are rounded to their dtype only when read). */
export function referenceBackend(): Backend {
  return {
    name: 'reference',
    devices: () => Promise.resolve(devices),
    createState: (types, device) => attempt(() => (checkDevice(device), new ReferenceState(types))),
    compile: (program, device) => attempt(() => (checkDevice(device), new ReferenceExecutable(program))),
  };
}

/** Computes at once; what is thrown becomes a rejection. */
function attempt<T>(compute: () => T): Promise<T> {
  return new Promise((resolve) => resolve(compute()));
}

const devices = [{ name: 'cpu', description: 'float64 loops in JavaScript' }];

function checkDevice(device?: string): void {
  chooseDevice('reference', devices, device);
}

class ReferenceState implements DeviceState {
  #values: ReadonlyMap<string, Values> | undefined;

  constructor(readonly types: TensorTypes) {
    const zeros = Object.entries(types).map(
      ([name, { shape }]) => [name, new Float64Array(elementCount(shape))] as const,
    );
    this.#values = new Map(zeros);
  }

  get values(): ReadonlyMap<string, Values> {
    if (this.#values === undefined) throw new GraphError('the state was disposed of');
    return this.#values;
  }

  replace(values: readonly (readonly [name: string, values: Values])[]): void {
    this.#values = new Map([...this.values, ...values]);
  }

  read(names: readonly string[]): Promise<HostTensors> {
    return attempt(() => {
      const held = this.values;
      return record(
        names.map((name) => [
          name,
          hostTensor(stateType(this.types, name), present(held.get(name), `state "${name}"`)),
        ]),
      );
    });
  }

  write(values: HostTensors): Promise<void> {
    return attempt(() => {
      const checked = Object.entries(values).map(([name, tensor]) => {
        return [name, hostValues(checkHostTensor(`state "${name}"`, stateType(this.types, name), tensor))] as const;
      });
      this.replace(checked);
    });
  }

  dispose(): Promise<void> {
    this.#values = undefined;
    return Promise.resolve();
  }
}

class ReferenceExecutable implements Executable {
  #disposed = false;

  constructor(readonly program: Program) {}

  run(inputs: HostTensors, state?: DeviceState): Promise<HostTensors> {
    return attempt(() => {
      if (this.#disposed) throw new GraphError(`program "${this.program.name}" was disposed of`);
      checkRun(this.program, inputs, state);
      if (state !== undefined && !(state instanceof ReferenceState)) {
        throw new GraphError('the state belongs to another backend');
      }
      const { outputs, next } = this.program;
      const results = evaluate(record([...prefixed('out ', outputs), ...prefixed('next ', next)]), {
        inputs: record(Object.keys(this.program.inputs).map((name) => [name, valuesOf(inputs[name])])),
        states: Object.fromEntries(state?.values ?? []),
      });
      state?.replace(Object.keys(next).map((name) => [name, present(results[`next ${name}`], `the next "${name}"`)]));
      return record(
        Object.entries(outputs).map(([name, node]) => [
          name,
          hostTensor(node, present(results[`out ${name}`], `output "${name}"`)),
        ]),
      );
    });
  }

  dispose(): Promise<void> {
    this.#disposed = true;
    return Promise.resolve();
  }
}

function valuesOf(tensor: HostTensor | undefined): Values {
  return tensor === undefined ? new Float64Array() : hostValues(tensor);
}

function record<T>(entries: readonly (readonly [name: string, value: T])[]): Record<string, T> {
  return Object.fromEntries(entries);
}

function prefixed<T>(prefix: string, values: Readonly<Record<string, T>>): (readonly [string, T])[] {
  return Object.entries(values).map(([name, value]) => [`${prefix}${name}`, value]);
}
