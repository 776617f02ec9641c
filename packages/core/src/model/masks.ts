// Masks that silence parts of a model: a masked model gives the logits of the one from which the parts are cut, so that any
// prune plan can be tried with one compiled program. L layers, C hidden, F feed-forward, H query heads, D head size.
import { hostFloats, type HostTensors } from '../backend/index.js';
import {
  add,
  broadcast,
  divide,
  GraphError,
  input,
  layerNorm,
  mean,
  multiply,
  reshape,
  rmsNorm,
  slice,
  sqrt,
  subtract,
  type Tensor,
} from '../graph/index.js';
import type { Architecture, LayerPart } from './architecture.js';
import { planArchitecture, type PrunePlan } from './plan.js';
import { at } from '../look-up.js';

type Float = Tensor<'float32'>;

/** One number per part of a model: 1 where it stays, 0 where it is silenced. */
export interface ModelMasks {
  /** Hidden channels: `[C]`. */
  readonly hidden: Float;
  /** Neurons: `[L, F]`. */
  readonly ffn: Float;
  /** Query heads: `[L, H]`; a key/value head is gone when all heads of its group are. */
  readonly heads: Float;
  /** What a layer's attention adds to the residual stream: `[L]`. */
  readonly attention: Float;
  /** What a layer's feed-forward block adds to it: `[L]`. */
  readonly feedForward: Float;
}

type MaskName = keyof ModelMasks;

/** Names of the program inputs. */
const inputName = (mask: MaskName): string => `masks/${mask}`;

function maskShapes({ layers, sizes }: Architecture): Readonly<Record<MaskName, readonly number[]>> {
  return {
    hidden: [sizes.hidden],
    ffn: [layers, sizes.ffn],
    heads: [layers, sizes.heads],
    attention: [layers],
    feedForward: [layers],
  };
}

/** Masks as float32 inputs of a program, to be fed with `maskValues`. */
export function maskInputs(architecture: Architecture): ModelMasks {
  const shapes = maskShapes(architecture);
  const leaf = (mask: MaskName): Float => input(inputName(mask), shapes[mask], 'float32');
  return {
    hidden: leaf('hidden'),
    ffn: leaf('ffn'),
    heads: leaf('heads'),
    attention: leaf('attention'),
    feedForward: leaf('feedForward'),
  };
}

/**
 * What to feed to `maskInputs`, so that the model computes what a plan leaves of it: all ones for `fullPlan`. Throws `GraphError`
 * for a plan that does not fit, and for one that changes the order of the layers, which no mask can.
 */
export function maskValues(architecture: Architecture, plan: PrunePlan): HostTensors {
  planArchitecture(architecture, plan);
  if (plan.layers.some((layer, index) => index > 0 && layer < at(plan.layers, index - 1))) {
    throw new GraphError('the plan changes the order of the layers, which masks cannot follow');
  }
  const { layers, sizes } = architecture;
  const all = Array.from({ length: layers }, (_, layer) => layer);
  const keptIn = (lists: readonly (readonly number[])[], size: number): readonly number[] =>
    all.flatMap((layer) => {
      const place = plan.layers.indexOf(layer);
      return flags(place === -1 ? [] : at(lists, place), size);
    });
  const values: Readonly<Record<MaskName, readonly number[]>> = {
    hidden: flags(plan.hidden, sizes.hidden),
    ffn: keptIn(plan.ffn, sizes.ffn),
    heads: keptIn(plan.heads, sizes.heads),
    attention: flags(without(plan.layers, plan.withoutAttention), layers),
    feedForward: flags(without(plan.layers, plan.withoutFeedForward), layers),
  };
  const shapes = maskShapes(architecture);
  const names = Object.keys(shapes) as MaskName[];
  return Object.fromEntries(names.map((mask) => [inputName(mask), hostFloats(values[mask], shapes[mask])]));
}

function without(layers: readonly number[], removed: readonly number[] = []): readonly number[] {
  return layers.filter((layer) => !removed.includes(layer));
}

function flags(kept: readonly number[], size: number): readonly number[] {
  const own = new Set(kept);
  return Array.from({ length: size }, (_, index) => (own.has(index) ? 1 : 0));
}

/** How a forward pass uses masks; without masks every function but the norm gives its value back as it is. */
export interface Masking {
  /** The residual stream `[N, C]` as it begins. */
  hidden(x: Float): Float;
  /** What attention or feed-forward adds to the residual stream: `[N, C]`. */
  added(part: LayerPart, x: Float, layer: number): Float;
  /** Outputs of the heads side by side: `[N, H·D]`. */
  heads(x: Float, layer: number): Float;
  /** Neurons: `[N, F]`. */
  neurons(x: Float, layer: number): Float;
  /** RMSNorm of the residual stream over the channels that stay: `[N, C]`, weight `[C]`. */
  rmsNorm(x: Float, weight: Float, options: { readonly epsilon: number }): Float;
  /** LayerNorm of the residual stream over the channels that stay: `[N, C]`, weight and bias `[C]`. */
  layerNorm(x: Float, weight: Float, bias: Float, options: { readonly epsilon: number }): Float;
}

const unmasked: Masking = {
  hidden: (x) => x,
  added: (_part, x) => x,
  heads: (x) => x,
  neurons: (x) => x,
  rmsNorm,
  layerNorm,
};

/** The functions of a pass. Silenced channels are 0 in the residual stream from the embedding to the last norm. */
export function masking(masks: ModelMasks | undefined, { sizes }: Architecture): Masking {
  if (masks === undefined) return unmasked;
  const { hidden, heads, headDim } = sizes;
  const row = (mask: Float, layer: number): Float => slice(mask, 0, layer, layer + 1);
  const channels = reshape(masks.hidden, [1, hidden]);
  // With r² the share of channels that stay, the mean over all channels of (x/r)² is the mean over those that stay of x².
  const r = sqrt(mean(masks.hidden, [0])); // [1]
  const keptNorm: Masking['rmsNorm'] = (x, weight, options) => rmsNorm(divide(x, r), multiply(weight, r), options);
  return {
    hidden: (x) => multiply(x, channels),
    added: (part, x, layer) => multiply(x, multiply(channels, row(masks[part], layer))),
    heads(x, layer) {
      const own = broadcast(reshape(row(masks.heads, layer), [heads, 1]), [heads, headDim]);
      return multiply(x, reshape(own, [1, heads * headDim]));
    },
    neurons: (x, layer) => multiply(x, row(masks.ffn, layer)),
    rmsNorm: keptNorm,
    layerNorm(x, weight, bias, options) {
      const average = divide(mean(x, [-1]), multiply(r, r)); // [N, 1]
      const centred = multiply(subtract(x, average), channels);
      return add(keptNorm(centred, weight, options), multiply(bias, masks.hidden));
    },
  };
}
