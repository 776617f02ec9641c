// `nx g @espalier/generators:backend my-device`: a package whose backend works from the start. It is the toy of
// docs/5.add-a-backend.md, to be replaced piece by piece.
import { formatFiles, readJson, writeJson, type Tree } from '@nx/devkit';
import { camelCase, nameProblem } from '../names.js';

/** The backend that a new one begins as. */
const TOY = 'examples/toy-backend.ts';

interface Manifest {
  readonly workspaces: readonly string[];
}
interface Template {
  readonly version: string;
  readonly nx: object;
  readonly [field: string]: unknown;
}
interface References {
  readonly references: readonly { readonly path: string }[];
}

/** Writes the package and adds it to the workspace. Throws for a name that is taken or not kebab-case. */
export default async function backendGenerator(tree: Tree, { name }: { readonly name: string }): Promise<void> {
  const problem = nameProblem(name);
  if (problem !== undefined) throw new Error(problem);
  const folder = `packages/backend-${name}`;
  if (tree.exists(`${folder}/package.json`)) throw new Error(`${folder} is there already: choose another name`);
  const own = camelCase(name);
  const template = readJson<Template>(tree, 'packages/backend-ort/package.json');
  writeJson(tree, `${folder}/package.json`, {
    ...template,
    name: `@espalier/backend-${name}`,
    description: `Runs Espalier's programs on ${name}.`,
    dependencies: { '@espalier/core': template.version, zod: zodVersion(tree) },
    nx: { ...template.nx, name: `backend-${name}` },
  });
  for (const file of ['tsconfig.json', 'tsconfig.lib.json']) {
    tree.write(`${folder}/${file}`, textOf(tree, `packages/backend-ort/${file}`));
  }
  tree.write(`${folder}/src/index.ts`, index(name, own));
  tree.write(`${folder}/src/${name}-backend.ts`, source(textOf(tree, TOY), name, own));
  tree.write(`${folder}/src/conformance.spec.ts`, spec(name, own));
  const root = readJson<Manifest>(tree, 'package.json');
  writeJson(tree, 'package.json', { ...root, workspaces: [...root.workspaces, folder] });
  const build = readJson<References>(tree, 'tsconfig.json');
  const references = [...build.references, { path: `./${folder}/tsconfig.lib.json` }];
  writeJson(tree, 'tsconfig.json', { ...build, references });
  await formatFiles(tree);
}

function textOf(tree: Tree, file: string): string {
  const text = tree.read(file, 'utf8');
  if (text === null) throw new Error(`there is no ${file}, which a new backend is made from`);
  return text;
}

function zodVersion(tree: Tree): unknown {
  const { dependencies } = readJson<{ readonly dependencies: Record<string, string> }>(
    tree,
    'packages/core/package.json',
  );
  return dependencies['zod'];
}

function index(name: string, own: string): string {
  return `// The public API of @espalier/backend-${name}; its default is the plugin, so that a recipe or a flag can name it.
export { default, ${own}Backend } from './${name}-backend.js';
`;
}

/** The toy under its new name. */
function source(toy: string, name: string, own: string): string {
  return toy
    .replaceAll(/\btoy(?=Backend|State|Executable)/g, own)
    .replaceAll("'toy'", `'${name}'`)
    .replace("'toy-backend'", `'@espalier/backend-${name}'`);
}

function spec(name: string, own: string): string {
  return `// The suite that every backend must pass.
import { describeBackend } from '@espalier/testing';
import { ${own}Backend } from './${name}-backend.js';

// The toy is too slow for thousands of runs; take the option out once this one has kernels of its own.
describeBackend('${name}', ${own}Backend, { only: ({ title }) => title !== 'memory' });
`;
}
