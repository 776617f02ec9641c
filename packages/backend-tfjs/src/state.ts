// Named tensors that stay on one device of TensorFlow.js.
import {
  checkHostTensor,
  GraphError,
  stateType,
  type DeviceState,
  type HostTensors,
  type TensorTypes,
} from '@espalier/core/graph';
import type * as tf from '@tensorflow/tfjs-core';
import type { Engine } from './engine.js';
import { zerosOf } from './kernels.js';
import { toDevice, toHost } from './tensors.js';

export class TfjsState implements DeviceState {
  #held: Map<string, tf.Tensor> | undefined;

  private constructor(
    readonly types: TensorTypes,
    readonly engine: Engine,
    held: Map<string, tf.Tensor>,
  ) {
    this.#held = held;
  }

  /** Zeros of these types. */
  static async create(types: TensorTypes, engine: Engine): Promise<TfjsState> {
    const zeros = () => new Map(Object.entries(types).map(([name, type]) => [name, zerosOf(type)]));
    const { value, sound } = await engine.compute(zeros);
    await sound;
    return new TfjsState(types, engine, value);
  }

  get #tensors(): Map<string, tf.Tensor> {
    if (this.#held === undefined) throw new GraphError('the state was disposed of');
    return this.#held;
  }

  /** The tensor a run reads; it stays the state's. */
  current(name: string): tf.Tensor {
    const tensor = this.#tensors.get(name);
    if (tensor === undefined) throw new GraphError(`internal: there is no state "${name}"`);
    return tensor;
  }

  /** Takes the tensors in place of the ones it has. */
  replace(values: Iterable<readonly [name: string, tensor: tf.Tensor]>): void {
    const tensors = this.#tensors;
    for (const [name, tensor] of values) {
      tensors.get(name)?.dispose();
      tensors.set(name, tensor);
    }
  }

  async read(names: readonly string[]): Promise<HostTensors> {
    const entries = names.map(async (name) => {
      const type = stateType(this.types, name);
      return [name, await toHost(type, this.current(name))] as const;
    });
    return Object.fromEntries(await Promise.all(entries));
  }

  async write(values: HostTensors): Promise<void> {
    // All are checked before the first is written: a refused call changes nothing.
    const checked = Object.entries(values).map(([name, tensor]) => {
      return [name, checkHostTensor(`state "${name}"`, stateType(this.types, name), tensor)] as const;
    });
    if (this.#held === undefined) throw new GraphError('the state was disposed of');
    const copies = () => checked.map(([name, tensor]) => [name, toDevice(tensor)] as const);
    const { value, sound } = await this.engine.compute(copies);
    await sound;
    this.replace(value);
  }

  async dispose(): Promise<void> {
    for (const tensor of this.#held?.values() ?? []) tensor.dispose();
    this.#held = undefined;
    return Promise.resolve();
  }
}
