// `nx g @espalier/generators:plugin my-scorer --kind scorer`
import { formatFiles, type Tree } from '@nx/devkit';
import { nameProblem } from '../names.js';
import { provide } from '../register.js';
import type { Kind } from '../templates/kinds.js';
import { generateStrategy } from '../templates/strategy.js';

interface Options {
  readonly name: string;
  readonly kind: Kind;
}

/** A family here takes from its neighbours what one of another package takes from this one. */
const fromOutside = "import { decoderConfig, decoderFamily } from '@espalier/plugins';";
const fromInside =
  "import { decoderConfig } from './decoder-config.js';\nimport { decoderFamily } from './decoder-family.js';";

/** Writes source and test, registers the strategy and exports it. Throws for a name that is taken or not kebab-case. */
export default async function pluginGenerator(tree: Tree, { name, kind }: Options): Promise<void> {
  const problem = nameProblem(name);
  if (problem !== undefined) throw new Error(problem);
  const root = 'packages/plugins/src';
  const file = `${root}/${kind}/${name}.ts`;
  if (tree.exists(file)) throw new Error(`${file} is there already: choose another name`);
  const { source, spec, exported } = generateStrategy(kind, name);
  tree.write(file, source.replace(fromOutside, fromInside));
  tree.write(file.replace(/\.ts$/, '.spec.ts'), spec);

  provide(tree, exported, `./${kind}/${name}.js`);
  const index = `${root}/index.ts`;
  tree.write(index, `${tree.read(index, 'utf8') ?? ''}export { ${exported} } from './${kind}/${name}.js';\n`);
  await formatFiles(tree);
}
