// The shape of a model as plain data, and the named axes of its weights: parameter counts, slicing, checkpoint names and
// checks after pruning all follow from these.

/** The axes along which a model has a size. `layers` is not a weight axis: layers are weights of their own. */
export type AxisName = 'vocab' | 'hidden' | 'ffn' | 'heads' | 'kvHeads' | 'headDim';

/** An axis of a weight; `heads·headDim` is `heads` blocks of `headDim` rows. */
export type WeightAxis = 'vocab' | 'hidden' | 'ffn' | 'headDim' | 'heads·headDim' | 'kvHeads·headDim';

/** Rotary position embedding. */
export interface Rope {
  readonly theta: number;
  readonly scaling:
    | { readonly type: 'default' }
    | { readonly type: 'linear'; readonly factor: number }
    | {
        readonly type: 'llama3';
        readonly factor: number;
        readonly lowFrequencyFactor: number;
        readonly highFrequencyFactor: number;
        /** Context length before extension, in tokens. */
        readonly originalContext: number;
      };
}

/** Everything a family needs to build a model's graph and name its weights. All layers have the same sizes. */
export interface Architecture {
  /** Name of the model family, e.g. `llama`. */
  readonly family: string;
  readonly layers: number;
  readonly sizes: Readonly<Record<AxisName, number>>;
  /** Whether the output projection is the embedding table. */
  readonly tiedEmbeddings: boolean;
  readonly normEpsilon: number;
  readonly rope: Rope;
  /** Longest context in tokens. */
  readonly contextLength: number;
  /** Linear layers with a bias, by short name, e.g. `q_proj`. */
  readonly biases: readonly string[];
}

/** One weight of a checkpoint. */
export interface WeightSpec {
  readonly name: string;
  readonly axes: readonly WeightAxis[];
  /** 0-based layer the weight belongs to; absent outside the layers. */
  readonly layer?: number;
  /** `embedding` weights are left out of non-embedding counts; weight decay is for matrices and embeddings only. */
  readonly kind: 'embedding' | 'matrix' | 'norm' | 'bias';
}

/** Elements along a weight axis. */
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

export function weightShape(spec: WeightSpec, sizes: Architecture['sizes']): readonly number[] {
  return spec.axes.map((axis) => axisSize(axis, sizes));
}

/** Numbers of parameters: all of them, and without embedding table and output projection. */
export interface ParameterCount {
  readonly parameters: number;
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

/** `12 layers, hidden 256, ffn 688, heads 8 / kv 4 of 32, vocab 8192`. */
export function describeArchitecture({ layers, sizes, tiedEmbeddings }: Architecture): string {
  const { hidden, ffn, heads, kvHeads, headDim, vocab } = sizes;
  const tied = tiedEmbeddings ? ', tied embeddings' : '';
  return `${layers} layers, hidden ${hidden}, ffn ${ffn}, heads ${heads} / kv ${kvHeads} of ${headDim}, vocab ${vocab}${tied}`;
}
