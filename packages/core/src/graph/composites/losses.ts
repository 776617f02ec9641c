// Losses over rows of logits. All are means over the rows' weights: a row of weight 0 (padding, prompt) counts for
// nothing, and when every row is masked the loss and its gradients are 0, not NaN.
import {
  add,
  applyComposite,
  constant,
  divide,
  exp,
  logSoftmax,
  maximum,
  multiply,
  negate,
  reshape,
  scatterAddAlongAxis,
  stopGradient,
  subtract,
  sum,
  takeAlongAxis,
} from '../build.js';
import type { CompositeDefinition, FloatDType, Tensor } from '../tensor.js';
import { floats, operandOf, sizeOf } from './operands.js';

type Float = Tensor<FloatDType>;

/** What no sum of weights falls below unless all are 0. */
const LEAST_TOTAL = { float32: 1e-9, float16: 2 ** -14 } as const;

/** Row weights that sum to 1, or are all 0: `[N]`. */
function normalised(weights: Float): Float {
  return divide(weights, maximum(sum(weights), LEAST_TOTAL[weights.dtype]));
}

const column = (x: Float): Float => reshape(x, [-1, 1]);
const scalar = (x: Float): Float => reshape(sum(x), []);

const crossEntropyDefinition: CompositeDefinition<undefined> = {
  name: 'crossEntropy',
  body(inputs) {
    const { x, targets, w } = crossEntropyOperands(inputs);
    const picked = takeAlongAxis(logSoftmax(x), targets, 1); // [N, V] -> [N, 1]
    return negate(scalar(multiply(picked, column(normalised(stopGradient(w))))));
  },
  // softmax(x) − onehot(target), without writing the one-hot rows out.
  gradient({ inputs, cotangent }) {
    const { x, targets, w } = crossEntropyOperands(inputs);
    const [ct] = floats([cotangent], 1);
    const hits = constant(-1, [sizeOf(x, 0), 1], x.dtype);
    const oneHot = scatterAddAlongAxis(targets, hits, 1, sizeOf(x, 1));
    const difference = add(softmaxFromLog(x), oneHot);
    return [multiply(difference, multiply(column(normalised(stopGradient(w))), ct)), undefined, undefined];
  },
};

/** Logits `[N, V]`, targets as a column `[N, 1]` and weights `[N]`. */
function crossEntropyOperands(inputs: readonly Tensor[]): {
  readonly x: Float;
  readonly targets: Tensor<'int32'>;
  readonly w: Float;
} {
  const [x, w] = floats(
    inputs.filter((_, index) => index !== 1),
    2,
  );
  return { x, targets: reshape(operandOf(inputs, 1, 'int32'), [-1, 1]), w };
}

/** Softmax by way of the log-softmax that the loss has computed anyway. */
function softmaxFromLog(x: Float): Float {
  return exp(logSoftmax(x));
}

/**
 * −Σ wᵢ·log softmax(logitsᵢ)[targetᵢ] / Σ wᵢ: `logits [N, V]`, `targets int32 [N]`, `weights [N]` give a scalar.
 * The weights carry no gradient.
 */
export function crossEntropy<D extends FloatDType>(
  logits: Tensor<D>,
  targets: Tensor<'int32'>,
  weights: Tensor<NoInfer<D>>,
): Tensor<D> {
  return applyComposite(crossEntropyDefinition, [logits, targets, weights], undefined);
}

interface Temperature {
  /** Both logits are divided by it; no T² factor is applied to the loss. */
  readonly temperature: number;
}

const forwardKlDefinition: CompositeDefinition<Temperature> = {
  name: 'forwardKl',
  body(inputs, { temperature }) {
    const [student, teacher, weights] = floats(inputs, 3);
    const logQ = logSoftmax(multiply(student, 1 / temperature));
    const logP = logSoftmax(multiply(stopGradient(teacher), 1 / temperature));
    const perToken = sum(multiply(exp(logP), subtract(logP, logQ)), [-1]); // [N, V] -> [N, 1]
    return scalar(multiply(perToken, column(normalised(stopGradient(weights)))));
  },
  // (q − p) / T: the teacher is constant, so Σ p = 1 turns the log-softmax gradient into a difference.
  gradient({ inputs, cotangent, options: { temperature } }) {
    const [student, teacher, weights] = floats(inputs, 3);
    const [ct] = floats([cotangent], 1);
    const q = softmaxFromLog(multiply(student, 1 / temperature));
    const p = softmaxFromLog(multiply(stopGradient(teacher), 1 / temperature));
    const scale = multiply(column(normalised(stopGradient(weights))), multiply(ct, 1 / temperature));
    return [multiply(subtract(q, p), scale), undefined, undefined];
  },
};

/**
 * KL(teacher ‖ student) = Σ_v p·(log p − log q), p and q the softmaxes of teacher and student logits `[N, V]` divided by
 * `temperature` (1 when not given); mean over the rows' weights `[N]`, a scalar. Gradient flows to the student only. Source:
 * Muralidharan et al. 2024, section 3 (forward KLD); NVIDIA's code has no T² factor.
 */
export function forwardKl<D extends FloatDType>(
  student: Tensor<D>,
  teacher: Tensor<NoInfer<D>>,
  weights: Tensor<NoInfer<D>>,
  { temperature = 1 }: Partial<Temperature> = {},
): Tensor<D> {
  return applyComposite(forwardKlDefinition, [student, teacher, weights], { temperature });
}

const reverseKlDefinition: CompositeDefinition<Temperature> = {
  name: 'reverseKl',
  body(inputs, { temperature }) {
    const [student, teacher, weights] = floats(inputs, 3);
    const logQ = logSoftmax(multiply(student, 1 / temperature));
    const logP = logSoftmax(multiply(stopGradient(teacher), 1 / temperature));
    const perToken = sum(multiply(exp(logQ), subtract(logQ, logP)), [-1]);
    return scalar(multiply(perToken, column(normalised(stopGradient(weights)))));
  },
};

/**
 * KL(student ‖ teacher) = Σ_v q·(log q − log p), q and p the softmaxes of student and teacher logits `[N, V]` divided by
 * `temperature` (1 when not given); mean over the rows' weights `[N]`, a scalar. Gradient flows to the student only. Source: Gu
 * et al. 2024, "MiniLLM"; no T² factor.
 */
export function reverseKl<D extends FloatDType>(
  student: Tensor<D>,
  teacher: Tensor<NoInfer<D>>,
  weights: Tensor<NoInfer<D>>,
  { temperature = 1 }: Partial<Temperature> = {},
): Tensor<D> {
  return applyComposite(reverseKlDefinition, [student, teacher, weights], { temperature });
}
