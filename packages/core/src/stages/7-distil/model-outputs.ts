// What a loss sees of a model: its logits and the tapped states of one layer.
import { add, isOp, matmul, slice, state, takeAlongAxis, topK, type Tensor } from '../../graph/index.js';
import { InputError } from '../../errors.js';
import {
  stateWeights,
  weightLookup,
  type Architecture,
  type DecoderInputs,
  type ModelShape,
} from '../../model/index.js';
import type { OutputLayer } from './chunked-losses.js';
import { hiddenStates, type DistillationLoss, type StateName, type TeacherOutputs } from './loss-term.js';
import { stateNames } from './parameters.js';
import { needsProjection, type TrainStepOptions } from './step-options.js';

type Float = Tensor<'float32'>;

/** What a model says about a batch, all layers of it. */
export interface SeenModel {
  readonly architecture: Architecture;
  readonly logits: Float;
  /** The product that the logits are, where the family ends with one of its final norm. */
  readonly output: OutputLayer | undefined;
  /** What enters each layer `[N, hidden]`, in their order. */
  readonly layerInputs: readonly Float[];
  /** A state of a layer; throws `InputError` where there is none. */
  state(name: StateName, layer: number): Float;
}

/** Whether a state belongs to a layer. */
export function isLayered(name: StateName): boolean {
  return name !== 'embedding';
}

/** What both models read. */
type Text = Pick<DecoderInputs, 'ids'> & Partial<Pick<DecoderInputs, 'documents'>>;

/** A model's forward pass over a text `[B, T]`; weights by their checkpoint names. */
export function seenModel(
  { family, architecture }: ModelShape,
  weight: (name: string) => Float,
  text: Text,
): SeenModel {
  const states = new Map<string, Float>();
  const layerInputs: Float[] = [];
  const key = (name: string, layer: number | undefined): string => `${name} ${layer ?? ''}`;
  const logits = family.forward(architecture, {
    ...text,
    weight,
    tap(name, value, layer) {
      states.set(key(name, layer), value);
      if (name === 'blockInput') layerInputs.push(value);
      return value;
    },
  });
  return {
    architecture,
    logits,
    output: outputLayer(logits, states.get(key('finalNorm', undefined))),
    layerInputs,
    state(name, layer) {
      const value = states.get(key(name, isLayered(name) ? layer : undefined));
      if (value !== undefined) return value;
      const where = isLayered(name) ? ` in layer ${layer} (0-based)` : '';
      const found = `family "${family.name}" with ${architecture.layers} layers has no state "${name}"${where}`;
      throw new InputError({
        asked: 'compare states of the models',
        found,
        fix: 'Choose other layers, or another loss',
      });
    },
  };
}

function outputLayer(logits: Float, hidden: Float | undefined): OutputLayer | undefined {
  if (!isOp(logits, 'matmul') || hidden === undefined || logits.inputs[0] !== hidden) return undefined;
  const { transposeA, transposeB } = logits.attributes;
  const [, weight] = logits.inputs.filter((own): own is Float => own.dtype === 'float32');
  return transposeB && !transposeA && weight?.shape.length === 2 ? { hidden, weight } : undefined;
}

/** Looks up a model's weights among the states of a training. */
export function trainedWeights(shape: ModelShape, rename: (weight: string) => string): (name: string) => Float {
  return weightLookup(stateWeights(shape, rename));
}

/** The teacher's side of a training, if it has one. */
export function seenTeacher({ teacher }: TrainStepOptions, text: Text): SeenModel | undefined {
  return teacher && seenModel(teacher, trainedWeights(teacher, stateNames.teacher), text);
}

/** What a term may look at of one layer; `project` brings states of the hidden size to the other model's. */
export function layerOutputs(
  seen: SeenModel,
  layer: number,
  term: DistillationLoss,
  vocabulary: number,
  project: (x: Float) => Float = (x) => x,
): TeacherOutputs {
  const { heads, kvHeads } = seen.architecture.sizes;
  return {
    get logits() {
      return firstColumns(seen.logits, vocabulary);
    },
    top(count) {
      const all = firstColumns(seen.logits, vocabulary);
      const chosen = topK(all, Math.min(count, vocabulary));
      return { ids: chosen, values: takeAlongAxis(all, chosen, 1) };
    },
    state(name) {
      if (!(term.needs ?? []).includes(name)) {
        throw new RangeError(`loss "${term.name}" looks at ${name}, which its "needs" does not list`);
      }
      const value = seen.state(name, layer);
      return hiddenStates.includes(name) ? project(value) : value;
    },
    heads,
    kvHeads,
  };
}

function firstColumns<D extends 'float32' | 'int32'>(x: Tensor<D>, count: number): Tensor<D> {
  return x.shape[1] === count ? x : slice(x, 1, 0, count);
}

/** x·Wᵀ + b from the student's hidden size to the teacher's, one for all terms and layers; the identity where they are equal. */
export function projection({ student, teacher, losses }: TrainStepOptions): (x: Float) => Float {
  if (teacher === undefined || !needsProjection(student, teacher, losses)) return (x) => x;
  const [from, to] = [student.architecture.sizes.hidden, teacher.architecture.sizes.hidden];
  const weight = state(stateNames.projectionWeight, [to, from], 'float32');
  const bias = state(stateNames.projectionBias, [to], 'float32');
  return (x) => add(matmul(x, weight, { transposeB: true }), bias); // [N, from] -> [N, to]
}
