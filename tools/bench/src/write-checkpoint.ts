// A checkpoint of a shape with random bfloat16 weights, as every reader of Hugging Face folders takes it.
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encode, random, weightShape, writeSafetensors, type Architecture } from '@espalier/core';
import { llama } from '@espalier/plugins';

/** Numbers that all weights are cut from: drawing each would take hours. */
const POOL = 2 ** 22;

/** The folder whose tokenizer a checkpoint gets when none is named: the bundled teacher's. */
export const bundledTokenizer = fileURLToPath(new URL('../../../packages/plugins/assets/tinytales', import.meta.url));

/** Writes weights, configuration and the tokenizer of another folder. Equal calls write equal bytes. */
export async function writeCheckpoint(out: string, architecture: Architecture, tokenizer: string): Promise<void> {
  const { sizes } = architecture;
  const stream = random(1);
  const drawn = (mean: number, deviation: number): Uint8Array =>
    encode(
      Float32Array.from({ length: POOL }, () => mean + deviation * stream.normal()),
      'BF16',
    );
  const [pool, norms] = [drawn(0, 0.02), drawn(1, 0.1)];
  const specs = llama().weights(architecture);
  await mkdir(out, { recursive: true });
  const infos = specs.map((spec) => ({ name: spec.name, type: 'BF16' as const, shape: weightShape(spec, sizes) }));
  await writeSafetensors(join(out, 'model.safetensors'), infos, function* ({ name, shape }) {
    const source = name.includes('norm') ? norms : pool;
    for (let left = shape.reduce((a, b) => a * b, 2); left > 0;) {
      const begin = 2 * stream.integer(POOL / 2);
      const piece = source.subarray(begin, begin + Math.min(left, source.length - begin));
      left -= piece.length;
      yield piece;
    }
  });
  const config = {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    hidden_act: 'silu',
    attention_bias: false,
    mlp_bias: false,
    vocab_size: sizes.vocab,
    hidden_size: sizes.hidden,
    intermediate_size: sizes.ffn,
    num_hidden_layers: architecture.layers,
    num_attention_heads: sizes.heads,
    num_key_value_heads: sizes.kvHeads,
    head_dim: sizes.headDim,
    rms_norm_eps: architecture.normEpsilon,
    rope_theta: architecture.rope.theta,
    max_position_embeddings: architecture.contextLength,
    tie_word_embeddings: architecture.tiedEmbeddings,
    torch_dtype: 'bfloat16',
  };
  await writeFile(join(out, 'config.json'), `${JSON.stringify(config, undefined, 2)}\n`);
  for (const name of ['tokenizer.json', 'tokenizer_config.json']) {
    await copyFile(join(tokenizer, name), join(out, name));
  }
}
