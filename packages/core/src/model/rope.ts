// Rotary position embedding: inverse frequencies on the host, cosine and sine tables in the graph.
import { cast, constant, cos, multiply, reshape, sin, type Tensor } from '../graph/index.js';
import type { Rope } from './architecture.js';

/**
 * Radians per position for each pair of channels that is turned, after scaling: theta^(−2i / d) for pair i of the d =
 * `channels` ?? `headDim` that are (Su et al. 2021), `d / 2` numbers.
 */
export function inverseFrequencies({ theta, channels, scaling }: Rope, headDim: number): readonly number[] {
  const turned = channels ?? headDim;
  const plain = Array.from({ length: turned / 2 }, (_, pair) => theta ** ((-2 * pair) / turned));
  switch (scaling.type) {
    case 'default':
      return plain;
    case 'linear':
      return plain.map((frequency) => frequency / scaling.factor);
    case 'llama3':
      return plain.map((frequency) => llama3(frequency, scaling));
  }
}

/** Llama 3.1's rule: long wavelengths are stretched, short ones kept, those between interpolated (transformers, `rope_type: llama3`). */
function llama3(frequency: number, scaling: Extract<Rope['scaling'], { readonly type: 'llama3' }>): number {
  const { factor, lowFrequencyFactor, highFrequencyFactor, originalContext } = scaling;
  const wavelength = (2 * Math.PI) / frequency;
  if (wavelength > originalContext / lowFrequencyFactor) return frequency / factor;
  if (wavelength < originalContext / highFrequencyFactor) return frequency;
  const smooth = (originalContext / wavelength - lowFrequencyFactor) / (highFrequencyFactor - lowFrequencyFactor);
  return ((1 - smooth) * frequency) / factor + smooth * frequency;
}

/** Cosines and sines of position · frequency, for positions `int32 [T]`: what `rotary` takes. */
export function rotaryTables(
  rope: Rope,
  headDim: number,
  positions: Tensor<'int32'>,
): {
  /** `[T, pairs]`. */
  readonly cosines: Tensor<'float32'>;
  /** `[T, pairs]`. */
  readonly sines: Tensor<'float32'>;
} {
  const pairs = inverseFrequencies(rope, headDim);
  const frequencies = constant(pairs, [1, pairs.length], 'float32');
  const angles = multiply(reshape(cast(positions, 'float32'), [-1, 1]), frequencies); // [T, 1] · [1, pairs]
  return { cosines: cos(angles), sines: sin(angles) };
}
