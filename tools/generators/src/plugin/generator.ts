// `nx g @espalier/generators:plugin my-scorer --kind scorer`
import { formatFiles, type Tree } from '@nx/devkit';
import { nameProblem } from '../names.js';
import { registered } from '../register.js';
import { generateStrategy, type Kind } from '../templates/kinds.js';

interface Options {
  readonly name: string;
  readonly kind: Kind;
}

/** Folder of each kind in packages/plugins/src, and the registration file of that kind. */
const places: { readonly [Own in Kind]: { readonly folder: string; readonly register: string } } = {
  scorer: { folder: 'scorers', register: 'scorers' },
  loss: { folder: 'losses', register: 'losses' },
  balancer: { folder: 'balancers', register: 'balancers' },
  mapping: { folder: 'mappings', register: 'mappings' },
  pruner: { folder: 'pruners', register: 'pruners' },
  search: { folder: 'search', register: 'search' },
  schedule: { folder: 'schedules', register: 'schedules' },
  optimizer: { folder: 'optimizers', register: 'optimizers' },
  evaluator: { folder: 'evaluators', register: 'evaluators' },
  exporter: { folder: 'exporters', register: 'exporters' },
  data: { folder: 'data', register: 'data' },
  subscriber: { folder: 'subscribers', register: 'subscribers' },
};

/** Writes source and test, registers the strategy and exports it. Throws for a name that is taken or not kebab-case. */
export default async function pluginGenerator(tree: Tree, { name, kind }: Options): Promise<void> {
  const problem = nameProblem(name);
  if (problem !== undefined) throw new Error(problem);
  const { folder, register } = places[kind];
  const root = 'packages/plugins/src';
  const file = `${root}/${folder}/${name}.ts`;
  if (tree.exists(file)) throw new Error(`${file} is there already: choose another name`);
  const { source, spec, helper, exported } = generateStrategy(kind, name);
  tree.write(file, source);
  tree.write(file.replace(/\.ts$/, '.spec.ts'), spec);

  const list = `${root}/register/${register}.ts`;
  const code = tree.read(list, 'utf8');
  if (code === null) throw new Error(`${list} is missing: is this the repository of Espalier?`);
  const withImport = registered(
    code,
    `import { ${exported} } from '../${folder}/${name}.js';`,
    `${helper}(${exported})`,
  );
  tree.write(list, withHelper(withImport, helper));
  const index = `${root}/index.ts`;
  tree.write(index, `${tree.read(index, 'utf8') ?? ''}export { ${exported} } from './${folder}/${name}.js';\n`);
  await formatFiles(tree);
}

/** The helper is imported where the file does not import it yet. */
function withHelper(code: string, helper: string): string {
  const known = new RegExp(`import \\{[^}]*\\b${helper}\\b[^}]*\\} from ['"]@espalier/core['"]`).test(code);
  return known ? code : `import { ${helper} } from '@espalier/core';\n${code}`;
}
