// What a conformance check gets to work with, and how one is written.
import { expectClose, present } from '@espalier/core';
import {
  describeType,
  evaluate as evaluateGraph,
  hostValues,
  program,
  type Backend,
  type DeviceState,
  type DType,
  type Executable,
  type HostTensors,
  type LeafValues,
  type Program,
  type ProgramParts,
  type Tensor,
  type TensorTypes,
} from '@espalier/core/graph';

/** One property of a backend; `run` rejects when the backend lacks it. */
export interface Check {
  readonly title: string;
  run(bench: Bench): Promise<void>;
}

/** Spells a check. */
export function check(title: string, run: (bench: Bench) => Promise<void>): Check {
  return { title, run };
}

export interface CheckGroup {
  readonly title: string;
  readonly checks: readonly Check[];
}

/** A backend at work on one device; whatever was made for a check is disposed of at its end. */
export class Bench {
  readonly #made: { dispose(): Promise<void> }[] = [];

  constructor(
    readonly backend: Backend,
    readonly tolerance: number,
    readonly device?: string,
  ) {}

  async compile(compiled: Program): Promise<Executable> {
    const executable = await this.backend.compile(compiled, this.device);
    this.#made.push(executable);
    return executable;
  }

  /** Compiles what `parts` say. */
  async make(parts: ProgramParts, name = 'check'): Promise<Executable> {
    return this.compile(program(name, parts));
  }

  async state(types: TensorTypes): Promise<DeviceState> {
    const state = await this.backend.createState(types, this.device);
    this.#made.push(state);
    return state;
  }

  #toleranceOf(dtype: DType, least: number): number {
    const float32 = Math.max(this.tolerance, least);
    if (dtype === 'float16') return Math.max(float32, 2 ** -11);
    return dtype === 'float32' ? float32 : 0;
  }

  async finish(): Promise<void> {
    for (const made of this.#made.reverse()) await made.dispose();
  }

  /** Throws unless every output is what the reference evaluator says it is; integers and booleans exactly. `least` is the least tolerance of floats. */
  matches(actual: HostTensors, expected: Readonly<Record<string, Tensor>>, leaves: LeafValues, least = 0): void {
    const values = evaluateGraph(expected, leaves);
    for (const [name, node] of Object.entries(expected)) {
      const tensor = actual[name];
      if (tensor === undefined) throw new Error(`there is no output "${name}"`);
      const [found, wanted] = [describeType(tensor), describeType(node)];
      if (found !== wanted) throw new Error(`output "${name}" is ${found}, expected ${wanted}`);
      expectClose(
        hostValues(tensor),
        present(values[name], `output "${name}"`),
        this.#toleranceOf(node.dtype, least),
        `output "${name}"`,
      );
    }
  }
}

/** Runs a check on a backend. */
export async function runCheck(check: Check, bench: Bench): Promise<void> {
  try {
    await check.run(bench);
  } finally {
    await bench.finish();
  }
}
