// State on the CPU provider: every tensor that a program replaces has a second buffer that the next run writes into, and
// the two change places after the run. Nothing is copied.
import {
  checkHostTensor,
  stateType,
  type DeviceState,
  type HostTensor,
  type HostTensors,
  type TensorTypes,
} from '@espalier/core';
import type { ort } from './runtime.js';
import { fromOrt, zeroOrt } from './tensors.js';

interface Slot {
  current: ort.Tensor;
  spare?: ort.Tensor;
}

export class CpuState implements DeviceState {
  readonly #slots: Map<string, Slot>;

  constructor(
    readonly runtime: typeof ort,
    readonly types: TensorTypes,
  ) {
    this.#slots = new Map(Object.entries(types).map(([name, type]) => [name, { current: zeroOrt(runtime, type) }]));
  }

  #slot(name: string): Slot {
    const type = stateType(this.types, name);
    const slot = this.#slots.get(name);
    if (slot !== undefined) return slot;
    throw new Error(`state "${name}" (${type.dtype}) was disposed`);
  }

  /** The tensor a run reads. */
  current(name: string): ort.Tensor {
    return this.#slot(name).current;
  }

  /** The tensor a run may write the next value into. */
  spare(name: string): ort.Tensor {
    const slot = this.#slot(name);
    return (slot.spare ??= zeroOrt(this.runtime, stateType(this.types, name)));
  }

  /** Makes the spares current after a run that has filled them. */
  swap(names: readonly string[]): void {
    for (const name of names) {
      const slot = this.#slot(name);
      const { current, spare } = slot;
      if (spare === undefined) continue;
      slot.current = spare;
      slot.spare = current;
    }
  }

  async read(names: readonly string[]): Promise<HostTensors> {
    const copies = names.map((name): [string, HostTensor] => {
      const tensor = fromOrt(stateType(this.types, name), this.current(name));
      return [name, copyOf(tensor)];
    });
    return Promise.resolve(Object.fromEntries(copies));
  }

  async write(values: HostTensors): Promise<void> {
    // All are checked before the first is written: a refused call changes nothing.
    const targets = Object.entries(values).map(([name, tensor]) => {
      const type = stateType(this.types, name);
      return { to: fromOrt(type, this.current(name)), from: checkHostTensor(`state "${name}"`, type, tensor) };
    });
    for (const { to, from } of targets) to.data.set(from.data);
    return Promise.resolve();
  }

  async dispose(): Promise<void> {
    this.#slots.clear();
    return Promise.resolve();
  }
}

function copyOf(tensor: HostTensor): HostTensor {
  switch (tensor.dtype) {
    case 'float32':
      return { ...tensor, data: tensor.data.slice() };
    case 'float16':
      return { ...tensor, data: tensor.data.slice() };
    case 'int32':
      return { ...tensor, data: tensor.data.slice() };
    case 'bool':
      return { ...tensor, data: tensor.data.slice() };
  }
}
