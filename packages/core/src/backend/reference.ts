// The reference evaluator as a backend: float64 throughout, no speed. The oracle of the conformance suite.
import { evaluate, type Values } from '../graph/evaluate.js';
import type { TensorTypes } from '../graph/program.js';
import { GraphError } from '../graph/shape-rules.js';
import { elementCount } from '../graph/tensor.js';
import type { Backend, DeviceState, HostTensor, HostTensors } from './backend.js';
import { checkHostTensor, checkRun, hostZeros, stateType } from './host.js';

class ReferenceState implements DeviceState {
  readonly values: Record<string, Values>;

  constructor(readonly types: TensorTypes) {
    this.values = Object.fromEntries(
      Object.entries(types).map(([name, { shape }]) => [name, new Float64Array(elementCount(shape))]),
    );
  }

  read(names: readonly string[]): Promise<HostTensors> {
    const found = names.map((name) => [name, toHost(stateType(this.types, name), this.values[name])]);
    return Promise.resolve(Object.fromEntries(found) as HostTensors);
  }

  write(values: HostTensors): Promise<void> {
    for (const [name, tensor] of Object.entries(values)) {
      checkHostTensor(`state "${name}"`, stateType(this.types, name), tensor);
      this.values[name] = Float64Array.from(tensor.data);
    }
    return Promise.resolve();
  }

  dispose(): Promise<void> {
    return Promise.resolve();
  }
}

function toHost(
  type: { readonly shape: readonly number[]; readonly dtype: HostTensor['dtype'] },
  values: Values = new Float64Array(),
): HostTensor {
  const tensor = hostZeros(type);
  tensor.data.set(values);
  return tensor;
}

/** A backend that evaluates every program in float64 (results are rounded to their dtype only when read). */
export function referenceBackend(): Backend {
  return {
    name: 'reference',
    devices: () => Promise.resolve([{ name: 'cpu', description: 'float64 loops in JavaScript' }]),
    createState: (types) => Promise.resolve(new ReferenceState(types)),
    compile: (program) =>
      Promise.resolve({
        program,
        run(inputs, state) {
          checkRun(program, inputs, state);
          if (state !== undefined && !(state instanceof ReferenceState)) {
            throw new GraphError('the state belongs to another backend');
          }
          const leaves = {
            inputs: Object.fromEntries(Object.entries(inputs).map(([name, { data }]) => [name, data])),
            states: state?.values ?? {},
          };
          const next = prefixed('next ', program.next);
          const results = evaluate({ ...prefixed('out ', program.outputs), ...next }, leaves);
          for (const name of Object.keys(program.next)) {
            if (state !== undefined) state.values[name] = results[`next ${name}`] ?? new Float64Array();
          }
          const outputs = Object.entries(program.outputs).map(([name, node]) => [
            name,
            toHost(node, results[`out ${name}`]),
          ]);
          return Promise.resolve(Object.fromEntries(outputs) as HostTensors);
        },
        dispose: () => Promise.resolve(),
      }),
  };
}

function prefixed<T>(prefix: string, record: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [`${prefix}${name}`, value]));
}
