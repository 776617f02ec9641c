// Which composites ONNX Runtime runs as one kernel, on all its devices: some of core's, and those that bring a kernel of
// their own. A lowering must equal the composite's body; the conformance suite checks each of the former.
import { InputError } from '@espalier/core';
import {
  elementCount,
  isOp,
  layerNormDefinition,
  rmsNormDefinition,
  rotaryDefinition,
  sameShape,
  siluDefinition,
  type CompositeDefinition,
  type CompositeLowering,
  type OnnxTarget,
  type OpLowering,
  type Tensor,
} from '@espalier/core/graph';
import { cosine, sine } from './circular.js';
import { operand } from './operand.js';

const microsoft = { domain: 'com.microsoft' };
const isPlain = (node: Tensor): boolean => node.dtype === 'float32' && elementCount(node.shape) > 0;

/** An option of a composite that is a number. */
function numberOption(options: unknown, name: string): number {
  const value: unknown = typeof options === 'object' && options !== null ? Reflect.get(options, name) : undefined;
  if (typeof value !== 'number') throw new TypeError(`option "${name}" of a composite must be a number`);
  return value;
}

const silu: CompositeLowering = {
  accepts: isPlain,
  lower: (_node, operands, emit) => emit.node('QuickGelu', operands, { alpha: { float: 1 } }, microsoft),
};

const rmsNorm: CompositeLowering = {
  accepts: isPlain,
  lower: (node, operands, emit) => {
    const epsilon = { float: numberOption(node.attributes.options, 'epsilon') };
    return emit.node('SimplifiedLayerNormalization', operands, { axis: { int: -1 }, epsilon });
  },
};

const layerNorm: CompositeLowering = {
  accepts: isPlain,
  lower: (node, operands, emit) => {
    const epsilon = { float: numberOption(node.attributes.options, 'epsilon') };
    return emit.node('LayerNormalization', operands, { axis: { int: -1 }, epsilon });
  },
};

/** The kernel rotates whole heads of [B, H, T, D] by tables of one row per position. */
const rotary: CompositeLowering = {
  accepts: (node) => {
    const [x, cosines, sines] = node.inputs;
    if (x?.shape.length !== 4 || cosines?.shape.length !== 2 || sines === undefined) return false;
    const [, , length, width] = x.shape;
    const [rows, half] = cosines.shape;
    return isPlain(node) && sameShape(cosines.shape, sines.shape) && rows === length && width === 2 * Number(half);
  },
  lower: (_node, operands, emit) => {
    const [x, ...tables] = operands;
    const inputs = [operand(x), emit.ints([0]), ...tables];
    return emit.node('RotaryEmbedding', inputs, { interleaved: { int: 0 } }, microsoft);
  },
};

const builtIn = new Map<CompositeDefinition, CompositeLowering>([
  [siluDefinition, silu],
  [rmsNormDefinition, rmsNorm],
  [layerNormDefinition, layerNorm],
  [rotaryDefinition, rotary],
]);

const composites: OnnxTarget['composites'] = { get: (definition) => builtIn.get(definition) ?? ownKernel(definition) };

/** The kernel that a composite brings for this backend. Throws `InputError` for one that is no lowering. */
function ownKernel({ name, kernels = {} }: CompositeDefinition): CompositeLowering | undefined {
  const kernel = Object.hasOwn(kernels, 'ort') ? kernels['ort'] : undefined;
  if (kernel === undefined || isLowering(kernel)) return kernel;
  throw new InputError({
    asked: `run composite "${name}" on backend "ort"`,
    found: 'its kernels.ort is no lowering',
    fix: 'Give it the functions accepts and lower (type CompositeLowering of @espalier/core/graph)',
  });
}

function isLowering(kernel: unknown): kernel is CompositeLowering {
  if (typeof kernel !== 'object' || kernel === null) return false;
  return ['accepts', 'lower'].every((name) => typeof Reflect.get(kernel, name) === 'function');
}

/** The CPU provider's kernels. */
export const cpuTarget: OnnxTarget = { composites };

/** The provider has no kernel for it: x − max − log Σ exp(x − max). */
const logSoftmax: OpLowering = (node, [first], emit) => {
  const x = operand(first);
  const axis = isOp(node, 'logSoftmax') ? node.attributes.axis : -1;
  const over = (op: string, operand: string): string =>
    emit.node(op, [operand, emit.ints([axis])], { keepdims: { int: 1 } });
  const shifted = emit.node('Sub', [x, over('ReduceMax', x)]);
  return emit.node('Sub', [shifted, emit.node('Log', [over('ReduceSum', emit.node('Exp', [shifted]))])]);
};

/** The WebGPU provider's kernels; what it has none for would be computed on the CPU, without a word. */
export const gpuTarget: OnnxTarget = { composites, ops: { sin: sine, cos: cosine, logSoftmax }, plainProducts: true };
