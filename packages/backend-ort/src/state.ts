// State in main memory: a tensor that a program cannot replace where it lies has a second buffer that the next run writes into,
// and the two change places after the run. Nothing is copied.
import { InputError, InternalError } from '@espalier/core';
import {
  checkHostTensor,
  GraphError,
  hostZeros,
  stateType,
  type DeviceState,
  type HostTensor,
  type HostTensors,
  type StoredTensor,
  type TensorTypes,
} from '@espalier/core/graph';
import { fileVersion, mapFile, type MappedFile } from './c-api/mapped-file.js';
import type { OrtHost } from './c-api/session.js';
import { createTensor, memoryOf, type OrtTensor } from './c-api/tensors.js';
import { letGo } from './let-go.js';

/** A tensor of the library and the memory that it lies in. */
interface Buffer {
  readonly host: HostTensor;
  readonly tensor: OrtTensor;
}

interface Slot {
  current: Buffer;
  spare?: Buffer;
}

const storedTypes = { F64: 'float64', F32: 'float32', F16: 'float16', BF16: 'bfloat16' } as const;

export class HostState implements DeviceState {
  readonly #slots: Map<string, Slot>;
  readonly #stored: ReadonlyMap<string, OrtTensor>;
  readonly #files = new Map<string, MappedFile>();
  readonly #running = new Set<Promise<void>>();
  #disposed = false;

  /** Throws `InputError` for a file that is shorter than what it should hold. */
  constructor(
    readonly runtime: OrtHost,
    readonly types: TensorTypes,
    stored: ReadonlyMap<string, StoredTensor> = new Map(),
  ) {
    const mapped = new Map<string, OrtTensor>();
    this.#stored = mapped;
    try {
      for (const [name, tensor] of stored) mapped.set(name, this.#map(name, tensor));
    } catch (error) {
      this.#unmap();
      throw error;
    }
    const own = Object.keys(types).filter((name) => !stored.has(name));
    this.#slots = new Map(own.map((name) => [name, { current: this.#buffer(name) }]));
  }

  /** A tensor over the bytes of a file. */
  #map(name: string, { type, file, offset, bytes, version }: StoredTensor): OrtTensor {
    const mapped = this.#files.get(file) ?? mapFile(file);
    this.#files.set(file, mapped);
    if (version !== undefined && version !== mapped.version) throw changed(file);
    if (offset + bytes > mapped.bytes) {
      throw new InputError({
        asked: `read "${name}" of ${file}`,
        found: `the file has ${mapped.bytes} bytes, and the tensor ends at byte ${offset + bytes}`,
        fix: 'Something has shortened it since it was opened: bring it back, or copy the model again',
      });
    }
    const { shape } = stateType(this.types, name);
    const memory = { dtype: storedTypes[type], shape, bytes, memory: mapped.address + BigInt(offset) };
    return createTensor(this.runtime, memory);
  }

  #buffer(name: string): Buffer {
    const host = hostZeros(stateType(this.types, name));
    return { host, tensor: createTensor(this.runtime, memoryOf(host)) };
  }

  #slot(name: string): Slot {
    const type = stateType(this.types, name);
    const slot = this.#disposed ? undefined : this.#slots.get(name);
    if (slot !== undefined) return slot;
    if (!this.#disposed && this.#stored.has(name))
      throw new GraphError(`state "${name}" lies in a file, where programs only read it`);
    throw new InternalError(`state "${name}" (${type.dtype}) was disposed`);
  }

  /** Keeps memory while a run reads and writes it. */
  hold(running: Promise<void>): void {
    this.#running.add(running);
    const ended = (): boolean => this.#running.delete(running);
    running.then(ended, ended);
  }

  /** Throws `InputError` where a file has changed since it was mapped: to read on could end the process. */
  checkFiles(): void {
    for (const [file, { version }] of this.#files) if (fileVersion(file) !== version) throw changed(file);
  }

  /** The tensor a run reads. */
  current(name: string): OrtTensor {
    const stored = this.#disposed ? undefined : this.#stored.get(name);
    return stored ?? this.#slot(name).current.tensor;
  }

  /** The tensor a run reads, and writes the next value over. */
  replaceable(name: string): OrtTensor {
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
    if (this.#disposed) return;
    this.#disposed = true;
    await Promise.allSettled(this.#running);
    const buffers = [...this.#slots.values()].flatMap(({ current, spare }) => (spare ? [current, spare] : [current]));
    this.#slots.clear();
    for (const { tensor } of buffers) tensor.release();
    this.#unmap();
    await letGo(buffers.map(({ host }) => host.data));
  }

  #unmap(): void {
    for (const tensor of this.#stored.values()) tensor.release();
    for (const file of this.#files.values()) file.release();
    this.#files.clear();
  }
}

function changed(file: string): InputError {
  return new InputError({
    asked: `read weights of ${file}`,
    found: 'it is another file than when the model was opened: something has replaced, shortened or written it',
    fix: 'Leave a model alone while it is worked with: bring the file back, and go on',
  });
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
