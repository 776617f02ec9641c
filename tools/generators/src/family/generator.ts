// `nx g @espalier/generators:family my-model`
import { formatFiles, type Tree } from '@nx/devkit';
import { camelCase, nameProblem } from '../names.js';
import { provide } from '../register.js';

/** Writes a family of decoders and its test, and registers it. Throws for a name that is taken or not kebab-case. */
export default async function familyGenerator(tree: Tree, { name }: { readonly name: string }): Promise<void> {
  const problem = nameProblem(name);
  if (problem !== undefined) throw new Error(problem);
  const root = 'packages/plugins/src';
  const file = `${root}/family/${name}.ts`;
  if (tree.exists(file)) throw new Error(`${file} is there already: choose another name`);
  const own = camelCase(name);
  tree.write(file, source(name, own));
  tree.write(`${root}/family/${name}.spec.ts`, spec(name, own));
  provide(tree, own, `./family/${name}.js`);
  const index = `${root}/index.ts`;
  tree.write(index, `${tree.read(index, 'utf8') ?? ''}export { ${own} } from './family/${name}.js';\n`);
  await formatFiles(tree);
}

function source(name: string, own: string): string {
  return `// ${own}: what sets it apart from Llama, and which checkpoints it covers.
import { z } from 'zod';
import { decoderConfig } from './decoder-config.js';
import { decoderFamily } from './decoder-family.js';

/** The family of model_type "${name.replaceAll('-', '_')}" (say which papers and checkpoints). */
export const ${own} = decoderFamily({
  name: '${name}',
  title: '${own}',
  summary: 'RMSNorm, rotary grouped-query attention, SwiGLU',
  config: decoderConfig.extend({
    model_type: z.literal('${name.replaceAll('-', '_')}'),
    rms_norm_eps: z.number().positive().default(1e-6),
    hidden_act: z.literal('silu').default('silu'),
  }),
  architecture: (config) => ({ normEpsilon: config.rms_norm_eps, biases: [] }),
});
`;
}

function spec(name: string, own: string): string {
  return `// ${own} passes the suite that every family must pass. Add golden logits made by its own implementation.
import { describeFamily } from '@espalier/testing';
import { ${own} } from './${name}.js';

describeFamily(${own}(), {
  model_type: '${name.replaceAll('-', '_')}',
  vocab_size: 40,
  hidden_size: 16,
  intermediate_size: 24,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  head_dim: 4,
  max_position_embeddings: 64,
});
`;
}
