// The weights that the decoder reads: names as Hugging Face checkpoints have them, axes, order. What there is follows from the
// architecture alone.
import { hasPart, type Architecture, type WeightAxis, type WeightSpec } from './architecture.js';

/**
 * Every weight that `decoder` reads for this shape, in layer order under Hugging Face's names (transformers' LlamaModel and
 * alike); those of removed parts of a layer are not among them.
 */
export function decoderWeights(architecture: Architecture): readonly WeightSpec[] {
  const { layers, tiedEmbeddings } = architecture;
  const head: WeightSpec = { name: 'lm_head.weight', axes: ['vocab', 'hidden'], kind: 'embedding' };
  return [
    { name: 'model.embed_tokens.weight', axes: ['vocab', 'hidden'], kind: 'embedding' },
    ...Array.from({ length: layers }, (_, layer) => layerWeights(architecture, layer)).flat(),
    ...norm(architecture, 'model.norm'),
    ...(tiedEmbeddings ? [] : [head]),
  ];
}

function layerWeights(architecture: Architecture, layer: number): readonly WeightSpec[] {
  const attention = hasPart(architecture, 'attention', layer) ? attentionWeights(architecture) : [];
  const feedForward = hasPart(architecture, 'feedForward', layer) ? feedForwardWeights(architecture) : [];
  return [...attention, ...feedForward].map((spec) => ({ ...spec, name: `model.layers.${layer}.${spec.name}`, layer }));
}

function attentionWeights(architecture: Architecture): readonly WeightSpec[] {
  const headNorm = (name: string): WeightSpec => ({
    name: `self_attn.${name}.weight`,
    axes: ['headDim'],
    kind: 'norm',
  });
  return [
    ...norm(architecture, 'input_layernorm'),
    ...linear(architecture, 'self_attn.q_proj', ['heads·headDim', 'hidden']),
    ...linear(architecture, 'self_attn.k_proj', ['kvHeads·headDim', 'hidden']),
    ...linear(architecture, 'self_attn.v_proj', ['kvHeads·headDim', 'hidden']),
    ...linear(architecture, 'self_attn.o_proj', ['hidden', 'heads·headDim']),
    ...(architecture.headNorms === true ? ['q_norm', 'k_norm'].map(headNorm) : []),
  ];
}

function feedForwardWeights(architecture: Architecture): readonly WeightSpec[] {
  const gated = architecture.feedForward !== 'squaredRelu';
  return [
    ...norm(architecture, 'post_attention_layernorm'),
    ...(gated ? linear(architecture, 'mlp.gate_proj', ['ffn', 'hidden']) : []),
    ...linear(architecture, 'mlp.up_proj', ['ffn', 'hidden']),
    ...linear(architecture, 'mlp.down_proj', ['hidden', 'ffn']),
  ];
}

function linear(
  { biases }: Architecture,
  name: string,
  axes: readonly [out: WeightAxis, into: WeightAxis],
): readonly WeightSpec[] {
  const weight: WeightSpec = { name: `${name}.weight`, axes, kind: 'matrix' };
  const short = name.slice(name.indexOf('.') + 1);
  return biases.includes(short) ? [weight, { name: `${name}.bias`, axes: [axes[0]], kind: 'bias' }] : [weight];
}

function norm(architecture: Architecture, name: string): readonly WeightSpec[] {
  const weight: WeightSpec = { name: `${name}.weight`, axes: ['hidden'], kind: 'norm' };
  if (architecture.norm !== 'layerNorm1p') return [weight];
  return [
    { ...weight, storedMinus: 1 },
    { name: `${name}.bias`, axes: ['hidden'], kind: 'bias' },
  ];
}
