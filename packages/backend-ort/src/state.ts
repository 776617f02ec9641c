// State in main memory: every tensor that a program replaces has a second buffer that the next run writes into, and the two
// change places after the run. Nothing is copied.
import {
  checkHostTensor,
  hostZeros,
  InternalError,
  stateType,
  type DeviceState,
  type HostTensor,
  type HostTensors,
  type TensorTypes,
} from '@espalier/core';
import type { OrtHost } from './c-api/session.js';
import { createTensor, memoryOf, type OrtTensor } from './c-api/tensors.js';

/** A tensor of the library and the memory that it lies in. */
interface Buffer {
  readonly host: HostTensor;
  readonly tensor: OrtTensor;
}

interface Slot {
  current: Buffer;
  spare?: Buffer;
}

export class HostState implements DeviceState {
  readonly #slots: Map<string, Slot>;

  constructor(
    readonly runtime: OrtHost,
    readonly types: TensorTypes,
  ) {
    this.#slots = new Map(Object.keys(types).map((name) => [name, { current: this.#buffer(name) }]));
  }

  #buffer(name: string): Buffer {
    const host = hostZeros(stateType(this.types, name));
    return { host, tensor: createTensor(this.runtime, memoryOf(host)) };
  }

  #slot(name: string): Slot {
    const type = stateType(this.types, name);
    const slot = this.#slots.get(name);
    if (slot !== undefined) return slot;
    throw new InternalError(`state "${name}" (${type.dtype}) was disposed`);
  }

  /** The tensor a run reads. */
  current(name: string): OrtTensor {
    return this.#slot(name).current.tensor;
  }

  /** The tensor a run may write the next value into. */
  spare(name: string): OrtTensor {
    const slot = this.#slot(name);
    return (slot.spare ??= this.#buffer(name)).tensor;
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
    const copies = names.map((name) => [name, copyOf(this.#slot(name).current.host)] as const);
    return Promise.resolve(Object.fromEntries(copies));
  }

  async write(values: HostTensors): Promise<void> {
    // All are checked before the first is written: a refused call changes nothing.
    const targets = Object.entries(values).map(([name, tensor]) => {
      const from = checkHostTensor(`state "${name}"`, stateType(this.types, name), tensor);
      return { to: this.#slot(name).current.host, from };
    });
    for (const { to, from } of targets) to.data.set(from.data);
    return Promise.resolve();
  }

  async dispose(): Promise<void> {
    for (const { current, spare } of this.#slots.values()) {
      current.tensor.release();
      spare?.tensor.release();
    }
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
