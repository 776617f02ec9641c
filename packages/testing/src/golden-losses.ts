// The golden numbers of `tools/oracle/losses.py` as training options and leaf values. Which strategies bear the names is the
// caller's to say: core knows no plugin.
import { readFile } from 'node:fs/promises';
import {
  lossGraph,
  stateNames,
  type LayerMapping,
  type LossBalancer,
  type LossTerm,
  type ModelShape,
  type Optimizer,
  type TrainStepOptions,
} from '@espalier/core';
import { constant, gradient, isFloatTensor, isOp, matmul, topological, type Tensor } from '@espalier/core/graph';
import { statedShape, type StatedSizes } from './stated-shape.js';

/** A tensor as the fixture lists it. */
interface Listed {
  /** Sizes of the axes. */
  readonly shape: readonly number[];
  /** The elements, row-major. */
  readonly data: readonly number[];
}
/** A model as `statedShape` has it. */
interface StatedModel {
  /** Sizes, as `statedShape` takes them. */
  readonly shape: StatedSizes;
  /** Values of its weights. */
  readonly leaves: Readonly<Record<string, Listed>>;
}
/** A strategy by its name. */
interface Named {
  /** What `LossStrategies` knows it by. */
  readonly name: string;
  /** What it is made with. */
  readonly options: unknown;
}

/** One combination of losses, its value and its gradients by leaf. */
export interface LossCase {
  /** The terms, and the factor of each. */
  readonly losses: readonly (Named & {
    /** Factor of the term in the total. */
    readonly weight: number;
  })[];
  /** What makes one number of all terms; the plain weighted sum when absent. */
  readonly balancer?: Named;
  /** Which layers are compared; by their share of the depth when absent. */
  readonly mapping?: Named;
  /** The total. */
  readonly value: number;
  /** Its gradients by name of the student's leaf or of the projection, those that are not 0 everywhere. */
  readonly gradients: Readonly<Record<string, Listed>>;
}

/** What is in `losses/golden.json`: two models as `statedShape` has them, a batch of B sequences of T tokens, and cases over both. */
export interface GoldenLosses {
  /** B, sequences. */
  readonly batch: number;
  /** T, tokens of a sequence. */
  readonly length: number;
  /** The right next tokens: `[B·T]` ids. */
  readonly targets: readonly number[];
  /** 1 where a row counts, 0 where it does not: `[B·T]`. */
  readonly weights: readonly number[];
  /** The model that is trained. */
  readonly student: StatedModel;
  /** The model that it is compared with. */
  readonly teacher: StatedModel;
  /** The learned map from the student's hidden size to the teacher's. */
  readonly projection: {
    /** `[C of the teacher, C of the student]`. */
    readonly weight: Listed;
    /** `[C of the teacher]`. */
    readonly bias: Listed;
  };
  /** Combinations of losses. */
  readonly cases: readonly LossCase[];
}

/** Reads the fixture; rejects where there is no such file. */
export async function readGoldenLosses(path: string | URL): Promise<GoldenLosses> {
  return JSON.parse(await readFile(path, 'utf8')) as GoldenLosses;
}

/** Makes strategies by name. */
export interface LossStrategies {
  /** The loss term of that name with these options. */
  readonly loss: (name: string, options: unknown) => LossTerm;
  /** The balancer of that name with these options. */
  readonly balancer: (name: string, options: unknown) => LossBalancer;
  /** The layer mapping of that name with these options. */
  readonly mapping: (name: string, options: unknown) => LayerMapping;
}

/** What a case is called. */
export function caseName({ losses, balancer, mapping }: LossCase): string {
  const named = ({ name, options }: Named): string => `${name} ${JSON.stringify(options)}`.replace(' {}', '');
  const terms = losses.map((own) => (own.weight === 1 ? named(own) : `${own.weight} × ${named(own)}`)).join(' + ');
  return [terms, ...[balancer, mapping].flatMap((own) => (own === undefined ? [] : [named(own)]))].join(', ');
}

const unused: Optimizer = {
  name: 'unused',
  summary: '',
  moments: [],
  scalars: () => ({}),
  update: ({ parameter }) => ({ parameter, moments: {} }),
};

/** The training step of a case. */
export function caseOptions(golden: GoldenLosses, own: LossCase, make: LossStrategies): TrainStepOptions {
  const { batch, length, student, teacher } = golden;
  const { balancer, mapping } = own;
  return {
    student: statedShape(student.shape, batch * length),
    teacher: statedShape(teacher.shape, batch * length),
    losses: own.losses.map(({ name, options, weight }) => ({ term: make.loss(name, options), weight })),
    ...(balancer === undefined ? {} : { balancer: make.balancer(balancer.name, balancer.options) }),
    ...(mapping === undefined ? {} : { mapping: make.mapping(mapping.name, mapping.options) }),
    optimizer: unused,
    clipNorm: 0,
    batch,
    length,
  };
}

/** The same, with logits that are the output of a last layer, of so many rows at a time. */
export function chunkedCaseOptions(
  golden: GoldenLosses,
  own: LossCase,
  make: LossStrategies,
  logitRows: number,
): TrainStepOptions {
  const { student, teacher, ...options } = caseOptions(golden, own, make);
  return { ...options, student: withOutput(student), ...(teacher && { teacher: withOutput(teacher) }), logitRows };
}

/** A stated model with a final norm and an output layer, which change nothing. */
function withOutput(model: ModelShape): ModelShape {
  const { vocab } = model.architecture.sizes;
  const identity = Array.from({ length: vocab * vocab }, (_, place) => (place % (vocab + 1) === 0 ? 1 : 0));
  return {
    ...model,
    family: {
      ...model.family,
      forward(architecture, inputs) {
        const stated = model.family.forward(architecture, inputs);
        const final = inputs.tap?.('finalNorm', stated) ?? stated;
        return matmul(final, constant(identity, [vocab, vocab], 'float32'), { transposeB: true });
      },
    },
  };
}

/**
 * The total as `value`, and its gradient by every student leaf and projection under the fixture's name. Throws for options that
 * leave nothing to differentiate.
 */
export function lossOutputs(options: TrainStepOptions): Readonly<Record<string, Tensor>> {
  const { totals } = lossGraph(options);
  if (totals.student === undefined) throw new Error('nothing to differentiate');
  const leaves = topological([totals.student])
    .filter((node) => isOp(node, 'state'))
    .filter((node) => isFloatTensor(node))
    .filter(({ attributes: { name } }) => /^(student|projection)\//.test(name));
  const gradients = gradient(totals.student, leaves);
  const named = leaves.map(
    ({ attributes: { name } }, index) => [name.replace('student/', ''), gradients[index]] as const,
  );
  const present = named.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
  return { value: totals.student, ...Object.fromEntries(present) };
}

/** Inputs of the program of a case; `weights` are the fixture's when not given. */
export function caseInputs(golden: GoldenLosses, weights = golden.weights): Record<string, readonly number[]> {
  return { ids: golden.targets, targets: golden.targets, weights };
}

/** Values of all states. */
export function caseStates({ student, teacher, projection }: GoldenLosses): Record<string, readonly number[]> {
  const leaves = (own: typeof student, rename: (name: string) => string): [string, readonly number[]][] =>
    Object.entries(own.leaves).map(([name, { data }]) => [rename(name), data]);
  return Object.fromEntries([
    ...leaves(student, stateNames.student),
    ...leaves(teacher, stateNames.teacher),
    [stateNames.projectionWeight, projection.weight.data],
    [stateNames.projectionBias, projection.bias.data],
  ]);
}
