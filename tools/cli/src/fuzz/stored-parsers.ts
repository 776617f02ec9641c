// What lies on the disk beside models and recipes: results of a run's units, what is remembered of plugins, their manifests, and the small
// files that a model carries along.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { at, exportModel, loadModel, weightShape } from '@espalier/core';
import { llama } from '@espalier/plugins';
import { cutBy, loadPlugins, readRunFile, unitFiles } from '@espalier/run';
import { corpusOf, file, one, withHeader, type Parser } from './corpus.js';

const family = llama();
const config = {
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  bos_token_id: 1,
  eos_token_id: 2,
  head_dim: 12,
  hidden_act: 'silu',
  hidden_size: 32,
  intermediate_size: 44,
  max_position_embeddings: 256,
  num_attention_heads: 4,
  num_hidden_layers: 3,
  num_key_value_heads: 2,
  rms_norm_eps: 1e-5,
  rope_theta: 500,
  tie_word_embeddings: false,
  vocab_size: 96,
};

/** Writes a model of zeros, the one that the plan of the corpus was made for. */
function writeModel(folder: string): void {
  const architecture = family.readConfig(config);
  let end = 0;
  const header = family.weights(architecture).map((spec) => {
    const shape = weightShape(spec, architecture.sizes);
    const begin = end;
    end += 4 * shape.reduce((a, b) => a * b, 1);
    return [spec.name, { dtype: 'F32', shape, data_offsets: [begin, end] }] as const;
  });
  file(folder, 'config.json', JSON.stringify(config));
  file(folder, 'model.safetensors', withHeader(Buffer.from(JSON.stringify(Object.fromEntries(header))), end));
  file(folder, 'tokenizer.json', at(corpusOf('tokenizer'), -1));
}

async function withModel(folder: string, use: (model: Awaited<ReturnType<typeof loadModel>>['model']) => unknown) {
  const { model, close } = await loadModel(folder, [family]);
  try {
    await use(model);
  } finally {
    await close();
  }
}

/** In the order of their corpus. */
const carried = ['chat_template.jinja', 'generation_config.json', 'special_tokens_map.json', 'tokenizer_config.json'];
let packages = 0;

/** Readers of each kind of file. */
export function storedParsers(): readonly Parser[] {
  const units = Object.entries(unitFiles).map(([name, schema]) =>
    one(`unit-${name.replace('.json', '')}`, (bytes, folder): Promise<unknown> =>
      readRunFile(file(folder, name, bytes), schema),
    ),
  );
  return [
    ...units,
    one('unit-plan', async (bytes, folder) => {
      writeModel(join(folder, 'model'));
      const plan = await readRunFile(file(folder, 'plan.json', bytes), unitFiles['plan.json']);
      await withModel(join(folder, 'model'), (model) => cutBy(plan, model, 'width'));
    }),
    one('trusted', (bytes, folder) => {
      const trust = { named: [], all: false, store: file(folder, 'trusted.json', bytes) };
      return loadPlugins([file(folder, 'mine.js', 'export default 1;')], folder, { trust });
    }),
    one('package', async (bytes, folder) => {
      // Node remembers the manifests that it has read.
      const name = `espalier-plugin-${packages++}`;
      const place = join(folder, 'node_modules', name);
      file(place, 'package.json', bytes);
      file(place, 'index.js', `export default { name: 'a', provides: [] };`);
      await loadPlugins([name], folder).finally(() => rmSync(place, { recursive: true, force: true }));
    }),
    ...carried.map((name, index): Parser => ({
      name: 'carried',
      corpus: corpusOf('carried').slice(index, index + 1),
      async read(bytes, folder) {
        writeModel(join(folder, 'model'));
        file(join(folder, 'model'), name, bytes);
        const out = join(folder, 'out');
        await withModel(join(folder, 'model'), (model) => exportModel(model, out, { overwrite: true }));
      },
    })),
  ];
}
