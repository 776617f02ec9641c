// State in GPU buffers: what a run gives for the next one is fed to it as it is. Reading and writing go through one-node
// models, since reading such a tensor directly aborts the process (onnxruntime-node 1.30).
import {
  checkHostTensor,
  elementCount,
  GraphError,
  hostZeros,
  input,
  onnxNames,
  program,
  programToOnnx,
  stateType,
  type DeviceState,
  type HostTensor,
  type HostTensors,
  type TensorType,
  type TensorTypes,
} from '@espalier/core/graph';
import type { ort } from './runtime.js';
import { fromOrt, toOrt } from './node-tensors.js';

type Location = 'cpu' | 'gpu-buffer';

/** Moves tensors between main memory and the GPU; one small session for each type and direction, kept for good. */
export class GpuTransfers {
  readonly #sessions = new Map<string, Promise<ort.InferenceSession>>();

  constructor(readonly runtime: typeof ort) {}

  /** The tensor's values where they are asked for. */
  async move(type: TensorType, tensor: ort.Tensor, to: Location): Promise<ort.Tensor> {
    if (elementCount(type.shape) === 0) return tensor; // nothing to move; some drivers refuse empty buffers
    const key = `${type.dtype}[${type.shape.join()}] ${to}`;
    const session = this.#sessions.get(key) ?? this.#create(type, to);
    this.#sessions.set(key, session);
    const found = await (await session).run({ [onnxNames.input('x')]: tensor });
    const moved = found[onnxNames.output('x')];
    if (moved === undefined) throw new GraphError('internal: a transfer gave nothing');
    return moved;
  }

  #create({ shape, dtype }: TensorType, to: Location): Promise<ort.InferenceSession> {
    const model = programToOnnx(program('transfer', { outputs: { x: input('x', shape, dtype) } }));
    return this.runtime.InferenceSession.create(model, {
      executionProviders: ['webgpu'],
      preferredOutputLocation: { [onnxNames.output('x')]: to },
      logSeverityLevel: 4,
    });
  }
}

export class GpuState implements DeviceState {
  #held: Map<string, ort.Tensor> | undefined;

  private constructor(
    readonly types: TensorTypes,
    readonly transfers: GpuTransfers,
    held: Map<string, ort.Tensor>,
  ) {
    this.#held = held;
  }

  /** Zeros of these types, on the GPU. */
  static async create(transfers: GpuTransfers, types: TensorTypes): Promise<GpuState> {
    const held = new Map<string, ort.Tensor>();
    for (const [name, type] of Object.entries(types)) {
      held.set(name, await transfers.move(type, toOrt(transfers.runtime, hostZeros(type)), 'gpu-buffer'));
    }
    return new GpuState(types, transfers, held);
  }

  get #tensors(): Map<string, ort.Tensor> {
    if (this.#held === undefined) throw new GraphError('the state was disposed of');
    return this.#held;
  }

  /** The tensor a run reads. */
  current(name: string): ort.Tensor {
    const tensor = this.#tensors.get(name);
    if (tensor === undefined) throw new GraphError(`internal: there is no state "${name}"`);
    return tensor;
  }

  /** Takes a run's results in place of what it had. */
  replace(values: Iterable<readonly [name: string, tensor: ort.Tensor]>): void {
    const tensors = this.#tensors;
    for (const [name, tensor] of values) {
      tensors.get(name)?.dispose();
      tensors.set(name, tensor);
    }
  }

  async read(names: readonly string[]): Promise<HostTensors> {
    const found: [string, HostTensor][] = [];
    for (const name of names) {
      const type = stateType(this.types, name);
      found.push([name, fromOrt(type, await this.transfers.move(type, this.current(name), 'cpu'))]);
    }
    return Object.fromEntries(found);
  }

  async write(values: HostTensors): Promise<void> {
    // All are checked before the first is written: a refused call changes nothing.
    const checked = Object.entries(values).map(([name, tensor]) => {
      return { name, tensor: checkHostTensor(`state "${name}"`, stateType(this.types, name), tensor) };
    });
    if (this.#held === undefined) throw new GraphError('the state was disposed of');
    for (const { name, tensor } of checked) {
      const copy = toOrt(this.transfers.runtime, tensor);
      this.replace([[name, await this.transfers.move(tensor, copy, 'gpu-buffer')]]);
    }
  }

  async dispose(): Promise<void> {
    this.#held?.forEach((tensor) => tensor.dispose());
    this.#held = undefined;
    return Promise.resolve();
  }
}
