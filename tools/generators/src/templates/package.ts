// A package of its own for a plugin, outside this repository: it builds, tests and packs by itself.
import type { Kind } from './kinds.js';
import { generateStrategy } from './strategy.js';

export interface PackageOptions {
  /** Name of the package, e.g. `espalier-plugin-wanda`. */
  readonly name: string;
  /** Its strategies. */
  readonly strategies: readonly { readonly kind: Kind; readonly name: string }[];
  /** Version of `@espalier/core` that it is made for. */
  readonly core: string;
}

/** Versions that were tested together. */
const tools = {
  vitest: '4.1.12',
  typescript: '6.0.3',
  '@types/node': '20.19.43',
  'reflect-metadata': '0.2.2',
} as const;
/** Those of core, so that both find the same one. */
const libraries: Readonly<Record<string, string>> = { rxjs: '7.8.2', zod: '4.6.7' };

/** Files of the package by path. */
export function packageFiles({ name, strategies, core }: PackageOptions): ReadonlyMap<string, string> {
  const made = strategies.map((own) => ({ ...own, ...generateStrategy(own.kind, own.name) }));
  const files = new Map<string, string>();
  files.set('package.json', json(manifest(name, core, importedBy(made.map(({ source }) => source)))));
  files.set('tsconfig.json', json(tsconfig));
  files.set('vitest.config.ts', vitestConfig);
  files.set('.gitignore', 'node_modules\ndist\n');
  files.set('README.md', readme(name, made));
  files.set('src/index.ts', index(name, made));
  for (const own of made) {
    files.set(`src/${own.name}.ts`, own.source);
    files.set(`src/${own.name}.spec.ts`, own.spec);
  }
  return files;
}

type Made = { readonly kind: Kind; readonly name: string; readonly exported: string };

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** Packages that sources import, whatever the entry point. */
function importedBy(sources: readonly string[]): readonly string[] {
  const all = sources.flatMap((text) =>
    [...text.matchAll(/ from '((?:@[^/']+\/)?[^./'@][^/']*)[^']*'/g)].map(([, own = '']) => own),
  );
  return [...new Set(all)].sort();
}

function manifest(name: string, core: string, imported: readonly string[]): object {
  const ours = [...new Set(['@espalier/core', ...imported.filter((own) => !Object.hasOwn(libraries, own))])];
  const others = Object.entries(libraries).filter(([own]) => imported.includes(own));
  return {
    name,
    version: '0.1.0',
    type: 'module',
    exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' } },
    files: ['dist'],
    scripts: { build: 'tsc', test: 'vitest run', prepack: 'npm run build' },
    ...(others.length === 0 ? {} : { dependencies: Object.fromEntries(others) }),
    peerDependencies: Object.fromEntries(ours.map((own) => [own, `^${core}`])),
    devDependencies: {
      ...Object.fromEntries([...ours, '@espalier/testing'].map((own) => [own, core])),
      ...tools,
    },
  };
}

const tsconfig = {
  compilerOptions: {
    target: 'es2022',
    lib: ['es2023'],
    module: 'nodenext',
    moduleResolution: 'nodenext',
    strict: true,
    declaration: true,
    skipLibCheck: true,
    isolatedModules: true,
    rootDir: 'src',
    outDir: 'dist',
    types: ['node'],
  },
  include: ['src'],
  exclude: ['src/**/*.spec.ts'],
};

const vitestConfig = `import { defineConfig } from 'vitest/config';

export default defineConfig({ test: { include: ['src/**/*.spec.ts'], setupFiles: ['reflect-metadata'] } });
`;

function index(name: string, made: readonly Made[]): string {
  return `// What the plugin brings; \`--plugin ${name}\` or a recipe's \`plugins\` names it.
import { definePlugin } from '@espalier/core';
${made.map((own) => `import { ${own.exported} } from './${own.name}.js';`).join('\n')}

export default definePlugin({
  name: '${name}',
  provides: [${made.map(({ exported }) => exported).join(', ')}],
});
`;
}

function readme(name: string, made: readonly Made[]): string {
  return `# ${name}

A plugin for Espalier.

| kind | name |
| --- | --- |
${made.map((own) => `| ${own.kind} | \`${own.name}\` |`).join('\n')}

\`\`\`sh
npm install
npm test        # the conformance suite of each kind
npm run build
npm pack
\`\`\`

In a recipe: \`plugins: [${name}]\`, on the command line \`--plugin ${name}\`.
`;
}
