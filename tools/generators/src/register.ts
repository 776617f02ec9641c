// Adds a strategy to a registration file of packages/plugins: an import, and an element of the list that the file exports.

/** The file with one more element; throws when it exports no list. */
export function registered(code: string, importLine: string, element: string): string {
  const list = /^export const \w+[^=]*= \[/m.exec(code);
  if (list === null) throw new Error('the registration file exports no list to add to');
  const at = list.index + list[0].length;
  const withElement = `${code.slice(0, at)}\n  ${element},${code.slice(at)}`;
  const imports = [...withElement.matchAll(/^import .*;$/gm)];
  const last = imports.at(-1);
  const end = last === undefined ? 0 : last.index + last[0].length;
  return `${withElement.slice(0, end)}\n${importLine}${withElement.slice(end)}`;
}
