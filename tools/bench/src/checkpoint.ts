// `npm run bench:checkpoint -- --shape 1b --out FOLDER`: a checkpoint of a public shape with random bfloat16 weights, as the other
// benchmarks read it. It gets the bundled teacher's tokenizer, or that of the folder that `--tokenizer` names.
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { encode, random, weightShape, writeSafetensors } from '@espalier/core';
import { llama } from '@espalier/plugins';
import { shapeNamed } from './shapes.js';

/** Numbers that all weights are cut from: drawing each would take hours. */
const POOL = 2 ** 22;

async function main(): Promise<void> {
  const bundled = fileURLToPath(new URL('../../../packages/plugins/assets/tinytales', import.meta.url));
  const { values } = parseArgs({
    options: {
      shape: { type: 'string', default: '1b' },
      out: { type: 'string' },
      tokenizer: { type: 'string', default: bundled },
    },
  });
  if (values.out === undefined) throw new RangeError('--out names the folder');
  const architecture = shapeNamed(values.shape);
  const { sizes } = architecture;
  const stream = random(1);
  const drawn = (mean: number, deviation: number): Uint8Array =>
    encode(
      Float32Array.from({ length: POOL }, () => mean + deviation * stream.normal()),
      'BF16',
    );
  const [pool, norms] = [drawn(0, 0.02), drawn(1, 0.1)];
  const specs = llama().weights(architecture);
  await mkdir(values.out, { recursive: true });
  const infos = specs.map((spec) => ({ name: spec.name, type: 'BF16' as const, shape: weightShape(spec, sizes) }));
  await writeSafetensors(join(values.out, 'model.safetensors'), infos, function* ({ name, shape }) {
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
  await writeFile(join(values.out, 'config.json'), `${JSON.stringify(config, undefined, 2)}\n`);
  for (const name of ['tokenizer.json', 'tokenizer_config.json']) {
    await copyFile(join(values.tokenizer, name), join(values.out, name));
  }
}

await main();
