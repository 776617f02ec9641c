// Adds a strategy to the plugin of packages/plugins: an import, and an element of what it provides.
import type { Tree } from '@nx/devkit';

const file = 'packages/plugins/src/minitron.ts';

/** Writes the plugin with one more strategy. Throws where there is no such file. */
export function provide(tree: Tree, exported: string, from: string): void {
  const code = tree.read(file, 'utf8');
  if (code === null) throw new Error(`${file} is missing: is this the repository of Espalier?`);
  tree.write(file, provided(code, `import { ${exported} } from '${from}';`, exported));
}

/** The plugin with one more strategy; throws when it has no list of them. */
export function provided(code: string, importLine: string, element: string): string {
  const list = /^ +provides: \[/m.exec(code);
  if (list === null) throw new Error('the plugin has no list of what it provides');
  const at = list.index + list[0].length;
  const withElement = `${code.slice(0, at)}\n    ${element},${code.slice(at)}`;
  const last = [...withElement.matchAll(/^import .*;$/gm)].at(-1);
  const end = last === undefined ? 0 : last.index + last[0].length;
  return `${withElement.slice(0, end)}\n${importLine}${withElement.slice(end)}`;
}
