// The shape of a model as plain data, and the named axes of its weights: parameter counts, slicing, checkpoint names and
// checks after pruning all follow from these.

/** The axes along which a model has a size. `layers` is not a weight axis: layers are weights of their own. */
export type AxisName = 'vocab' | 'hidden' | 'ffn' | 'heads' | 'kvHeads' | 'headDim';

/** An axis of a weight; `heads·headDim` is `heads` blocks of `headDim` rows. */
export type WeightAxis = 'vocab' | 'hidden' | 'ffn' | 'headDim' | 'heads·headDim' | 'kvHeads·headDim';

/** The two parts of a layer; each adds to the residual stream, and each can be removed on its own. */
export type LayerPart = 'attention' | 'feedForward';

/** Rotary position embedding (Su et al. 2021): pair i of a head turns by position · theta^(−2i / channels), scaled. */
export interface Rope {
  /** Base of the frequencies, e.g. 10000. */
  readonly theta: number;
  /** Channels of a head that are turned, an even number; all of them when absent. */
  readonly channels?: number;
  /** How the frequencies are lowered for contexts longer than those trained on; the names are those of transformers' `rope_type`. */
  readonly scaling:
    | {
        /** As they are. */
        readonly type: 'default';
      }
    | {
        /** All divided by a factor. */
        readonly type: 'linear';
        /** What they are divided by. */
        readonly factor: number;
      }
    | {
        /** Low ones divided, high ones kept, those between interpolated: Llama 3.1. */
        readonly type: 'llama3';
        /** What the low ones are divided by. */
        readonly factor: number;
        /** Low is a wavelength, in tokens, above `originalContext` / this. */
        readonly lowFrequencyFactor: number;
        /** High is a wavelength below `originalContext` / this. */
        readonly highFrequencyFactor: number;
        /** Context length before extension, in tokens. */
        readonly originalContext: number;
      };
}

/** Everything needed to build a model's graph and name its weights: what differs between families is here, as data. All layers have the same sizes. */
export interface Architecture {
  /** Name of the model family, e.g. `llama`. */
  readonly family: string;
  /** Number of layers. */
  readonly layers: number;
  /** Size of every axis; `heads` are query heads, `headDim` channels of one head. */
  readonly sizes: Readonly<Record<AxisName, number>>;
  /** Whether the output projection is the embedding table. */
  readonly tiedEmbeddings: boolean;
  /** Added to the mean square (or variance) before the root, in every norm. */
  readonly normEpsilon: number;
  /** Rotary position embedding of queries and keys. */
  readonly rope: Rope;
  /** Longest context in tokens. */
  readonly contextLength: number;
  /** Linear layers with a bias, by short name, e.g. `q_proj`. */
  readonly biases: readonly string[];
  /** Norms of the residual stream: `rmsNorm` when absent; `layerNorm1p` has biases and stores its weights minus 1. */
  readonly norm?: 'rmsNorm' | 'layerNorm1p';
  /** `swiGlu` when absent; `squaredRelu` has no gate. */
  readonly feedForward?: 'swiGlu' | 'squaredRelu';
  /** Whether queries and keys pass an RMSNorm over the channels of each head before they are turned. */
  readonly headNorms?: boolean;
  /** Layers (0-based) whose attention was removed; none when absent. */
  readonly withoutAttention?: readonly number[];
  /** Layers (0-based) whose feed-forward block was removed; none when absent. */
  readonly withoutFeedForward?: readonly number[];
}

/** Whether a layer (0-based) has the part. */
export function hasPart(architecture: Architecture, part: LayerPart, layer: number): boolean {
  return !removedParts(architecture)[part].includes(layer);
}

/** Layers (0-based) that lack each part. */
export function removedParts({
  layers,
  withoutAttention = [],
  withoutFeedForward = [],
}: Architecture): Readonly<Record<LayerPart, readonly number[]>> {
  const inside = (layer: number): boolean => layer < layers;
  return { attention: withoutAttention.filter(inside), feedForward: withoutFeedForward.filter(inside) };
}

/** The same shape with nothing removed from its layers: what a checkpoint of it holds on disk. */
export function wholeLayers(architecture: Architecture): Architecture {
  const { withoutAttention: _attention, withoutFeedForward: _feedForward, ...whole } = architecture;
  return whole;
}

/** One weight of a checkpoint: a matrix `[out, in]`, or a vector. */
export interface WeightSpec {
  /** Name in the checkpoint, e.g. `model.layers.0.mlp.up_proj.weight`. */
  readonly name: string;
  /** Axes, outermost first. */
  readonly axes: readonly WeightAxis[];
  /** 0-based layer the weight belongs to; absent outside the layers. */
  readonly layer?: number;
  /** `embedding` weights are left out of non-embedding counts; weight decay is for matrices and embeddings only. */
  readonly kind: 'embedding' | 'matrix' | 'norm' | 'bias';
  /** The checkpoint holds the weight minus this number; 0 when absent. */
  readonly storedMinus?: number;
}

/** Elements along a weight axis: the product of its parts' sizes. */
export function axisSize(axis: WeightAxis, sizes: Architecture['sizes']): number {
  return axisParts(axis).reduce((product, part) => product * sizes[part], 1);
}

/** The named sizes whose product a weight axis is; the first one is what pruning cuts. */
export function axisParts(axis: WeightAxis): readonly AxisName[] {
  switch (axis) {
    case 'heads·headDim':
      return ['heads', 'headDim'];
    case 'kvHeads·headDim':
      return ['kvHeads', 'headDim'];
    case 'vocab':
    case 'hidden':
    case 'ffn':
    case 'headDim':
      return [axis];
  }
}

/** Shape of a weight: one size for each of its axes. */
export function weightShape(spec: WeightSpec, sizes: Architecture['sizes']): readonly number[] {
  return spec.axes.map((axis) => axisSize(axis, sizes));
}

/** Numbers of parameters (elements of weights). */
export interface ParameterCount {
  /** All of them. */
  readonly parameters: number;
  /** Without embedding table and output projection. */
  readonly nonEmbeddingParameters: number;
}

/** Counts from shapes alone. */
export function countParameters(weights: readonly WeightSpec[], sizes: Architecture['sizes']): ParameterCount {
  const count = (specs: readonly WeightSpec[]): number =>
    specs.reduce((total, spec) => total + weightShape(spec, sizes).reduce((a, b) => a * b, 1), 0);
  return {
    parameters: count(weights),
    nonEmbeddingParameters: count(weights.filter(({ kind }) => kind !== 'embedding')),
  };
}

/** A shape in one line, e.g. `12 layers (9 with attention), hidden 256, ffn 688, heads 8 / kv 4 of 32, vocab 8192`. */
export function describeArchitecture(architecture: Architecture): string {
  const { layers, sizes, tiedEmbeddings } = architecture;
  const { hidden, ffn, heads, kvHeads, headDim, vocab } = sizes;
  const { attention, feedForward } = removedParts(architecture);
  const parts = [
    ...(attention.length === 0 ? [] : [`${layers - attention.length} with attention`]),
    ...(feedForward.length === 0 ? [] : [`${layers - feedForward.length} with feed-forward`]),
  ];
  const some = parts.length === 0 ? '' : ` (${parts.join(', ')})`;
  const tied = tiedEmbeddings ? ', tied embeddings' : '';
  return `${layers} layers${some}, hidden ${hidden}, ffn ${ffn}, heads ${heads} / kv ${kvHeads} of ${headDim}, vocab ${vocab}${tied}`;
}
