// Runs a schedule op by op on TensorFlow.js and lets every value go after its last reader.
import {
  checkRun,
  deviceFailure,
  elementCount,
  GraphError,
  isOp,
  type DeviceState,
  type Executable,
  type HostTensors,
  type OpName,
  type Program,
  type Tensor,
} from '@espalier/core/graph';
import * as tf from '@tensorflow/tfjs-core';
import type { Engine } from './engine.js';
import { roundToHalf, zerosOf } from './kernels.js';
import type { Rule } from './rules.js';
import type { Schedule, Step } from './schedule.js';
import { TfjsState } from './state.js';
import { toDevice, toHost } from './tensors.js';

type Values = Map<Tensor, tf.Tensor>;

export class TfjsExecutable implements Executable {
  #kept: Values | undefined;
  #disposed = false;

  constructor(
    readonly program: Program,
    readonly schedule: Schedule,
    readonly engine: Engine,
  ) {}

  async run(inputs: HostTensors, state?: DeviceState): Promise<HostTensors> {
    if (this.#disposed) throw new GraphError(`program "${this.program.name}" was disposed of`);
    checkRun(this.program, inputs, state);
    const own = this.#ownState(state);
    try {
      const { value, sound } = await this.engine.compute(() => this.#compute(inputs, own));
      const { outputs, next } = value;
      try {
        await sound;
        const read = outputs.map(async ([name, node, value]) => [name, await toHost(node, value)] as const);
        const results = Object.fromEntries(await Promise.all(read));
        own?.replace(next.splice(0));
        return results;
      } finally {
        tf.dispose([...outputs.map(([, , value]) => value), ...next.map(([, value]) => value)]);
      }
    } catch (cause) {
      throw deviceFailure(`tfjs:${this.engine.kind.name}`, this.program, this.schedule.peakBytes, cause);
    }
  }

  #compute(inputs: HostTensors, state: TfjsState | undefined) {
    const { setup, steps, kept, outputs, next } = this.schedule;
    const values: Values = new Map();
    const live = new Set<tf.Tensor>();
    try {
      if (this.#kept === undefined) {
        const made: Values = new Map();
        this.#execute(setup, made, live, inputs, undefined);
        this.#kept = new Map([...made].filter(([node]) => kept.has(node)));
        for (const value of this.#kept.values()) live.delete(value);
      }
      for (const [node, value] of this.#kept) values.set(node, value);
      this.#execute(steps, values, live, inputs, state);
      // Clones share memory: a value may go out under several names, and may be the state's or the executable's own.
      const copy = (node: Tensor): tf.Tensor => valueOf(values, node).clone();
      return {
        outputs: Object.entries(this.program.outputs).map(
          ([name, type]) => [name, type, copy(outputs[name] ?? type)] as const,
        ),
        next: Object.entries(next).map(([name, node]) => [name, copy(node)] as const),
      };
    } finally {
      tf.dispose([...live]);
    }
  }

  #execute(
    steps: readonly Step[],
    values: Values,
    live: Set<tf.Tensor>,
    inputs: HostTensors,
    state: TfjsState | undefined,
  ): void {
    for (const { node, release } of steps) {
      if (isOp(node, 'state')) {
        values.set(node, stateOf(state).current(node.attributes.name));
        continue;
      }
      const value = this.#valueOf(node, values, inputs);
      values.set(node, value);
      live.add(value);
      for (const done of release) {
        const over = valueOf(values, done);
        over.dispose();
        live.delete(over);
        values.delete(done);
      }
    }
  }

  #valueOf(node: Tensor, values: Values, inputs: HostTensors): tf.Tensor {
    if (isOp(node, 'input')) {
      const given = inputs[node.attributes.name];
      if (given === undefined) throw new GraphError(`internal: input "${node.attributes.name}" is missing`);
      return toDevice(given);
    }
    if (elementCount(node.shape) === 0) return zerosOf(node);
    const operands = node.inputs.map((own) => valueOf(values, own));
    const value = tf.tidy(() => applyRule(this.engine.rules[node.op], node, operands));
    if (value.shape.join() !== node.shape.join()) {
      throw new GraphError(`internal: ${node.op} gave [${value.shape.join(', ')}], not [${node.shape.join(', ')}]`);
    }
    return value;
  }

  #ownState(state: DeviceState | undefined): TfjsState | undefined {
    if (state === undefined) return undefined;
    if (state instanceof TfjsState && state.engine.kind === this.engine.kind) return state;
    throw new GraphError('the state belongs to another backend or device');
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    tf.dispose([...(this.#kept?.values() ?? [])]);
    this.#kept = undefined;
    return Promise.resolve();
  }
}

/** Ops that give numbers they were given: float16, which lies here as float32, need not be rounded again. */
const moves: ReadonlySet<OpName> = new Set<OpName>([
  'reshape', 'transpose', 'broadcast', 'slice', 'pad', 'concat', 'gather', 'takeAlongAxis', 'dynamicSlice', 'dynamicUpdateSlice',
  'where', 'stopGradient', 'barrier', 'negate', 'abs', 'relu', 'cast',
]); // prettier-ignore

function applyRule(rule: Rule<never>, node: Tensor, operands: readonly tf.Tensor[]): tf.Tensor {
  const value = rule(node as never, operands);
  if (node.dtype === 'float16' && !moves.has(node.op)) return roundToHalf(value);
  return operands.includes(value) ? value.clone() : value;
}

function valueOf(values: Values, node: Tensor): tf.Tensor {
  const value = values.get(node);
  if (value === undefined) throw new GraphError(`internal: ${node.op} has no value`);
  return value;
}

function stateOf(state: TfjsState | undefined): TfjsState {
  if (state === undefined) throw new GraphError('internal: a state is missing');
  return state;
}
