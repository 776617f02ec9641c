// `nx g @espalier/generators:backend my-device`: a package whose backend works from the start, on core's reference evaluator, and
// is replaced op by op.
import { formatFiles, readJson, writeJson, type Tree } from '@nx/devkit';
import { camelCase, nameProblem } from '../names.js';

interface Manifest {
  readonly workspaces: readonly string[];
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
  const template = readJson<Record<string, unknown>>(tree, 'packages/backend-ort/package.json');
  writeJson(tree, `${folder}/package.json`, {
    ...template,
    name: `@espalier/backend-${name}`,
    description: `Runs Espalier's programs on ${name}.`,
    dependencies: { '@espalier/core': template['version'], zod: zodVersion(tree) },
  });
  for (const file of ['tsconfig.json', 'tsconfig.lib.json']) {
    tree.write(`${folder}/${file}`, tree.read(`packages/backend-ort/${file}`, 'utf8') ?? '');
  }
  tree.write(`${folder}/src/index.ts`, index(name, own));
  tree.write(`${folder}/src/${name}-backend.ts`, source(name, own));
  tree.write(`${folder}/src/conformance.spec.ts`, spec(name, own));
  const root = readJson<Manifest>(tree, 'package.json');
  writeJson(tree, 'package.json', { ...root, workspaces: [...root.workspaces, folder] });
  const build = readJson<References>(tree, 'tsconfig.json');
  const references = [...build.references, { path: `./${folder}/tsconfig.lib.json` }];
  writeJson(tree, 'tsconfig.json', { ...build, references });
  await formatFiles(tree);
}

function zodVersion(tree: Tree): unknown {
  const { dependencies } = readJson<{ readonly dependencies: Record<string, string> }>(
    tree,
    'packages/core/package.json',
  );
  return dependencies['zod'];
}

function index(name: string, own: string): string {
  return `// The public API of @espalier/backend-${name}.
import { backend, definePlugin } from '@espalier/core';
import { z } from 'zod';
import { ${own}Backend } from './${name}-backend.js';

export { ${own}Backend };

/** The backend as a plugin, so that a recipe or a flag can name it. */
export default definePlugin({
  name: '@espalier/backend-${name}',
  provides: [
    backend({ name: '${name}', summary: 'runs programs on ${name}', options: z.strictObject({}), create: ${own}Backend }),
  ],
});
`;
}

function source(name: string, own: string): string {
  return `// Runs programs on ${name}. It begins as the reference evaluator, which passes the suite: replace its methods one by one.
import { chooseDevice, referenceBackend, type Backend } from '@espalier/core';

const devices = [{ name: 'cpu', description: 'the reference evaluator, float64' }];

/** A backend whose programs run on ${name}. */
export function ${own}Backend(): Backend {
  const { createState, compile } = referenceBackend();
  return {
    name: '${name}',
    devices: () => Promise.resolve(devices),
    async createState(types, device) {
      chooseDevice('${name}', devices, device); // throws for one that is not listed
      return createState(types);
    },
    async compile(program, device) {
      chooseDevice('${name}', devices, device);
      return compile(program);
    },
  };
}
`;
}

function spec(name: string, own: string): string {
  return `// The suite that every backend must pass.
import { describeBackend } from '@espalier/core/testing';
import { ${own}Backend } from './${name}-backend.js';

describeBackend('${name}', ${own}Backend);
`;
}
