// Lint rule `espalier/import-zones`: inside a package, which folder may import which. It resolves relative specifiers
// to real paths, so that `../model/x.js` means what it means to Node. Boundaries between packages are Nx's.
import path from 'node:path';

/** The folder (or bare file, or its test) directly under the package's `src` that a path lies in; `..` when it leaves `src`. */
function zoneOf(relative) {
  const [first = ''] = relative.split(path.sep);
  return first.replace(/(\.spec)?\.[jt]s$/, '');
}

/** @type {import('eslint').Rule.RuleModule} */
export const importZones = {
  meta: {
    type: 'problem',
    docs: { description: 'Folders of a package may only import the folders below them.' },
    schema: [
      {
        type: 'object',
        properties: {
          root: { type: 'string' },
          zones: { type: 'object', additionalProperties: { type: 'array', items: { type: 'string' } } },
        },
        required: ['root', 'zones'],
        additionalProperties: false,
      },
    ],
    messages: {
      forbidden: '`{{from}}` may import {{allowed}}; it imports `{{to}}`. Move the code down, or pass the value in.',
      unknown: '`{{from}}` has no import zone. Say what it may import in tools/scripts/eslint/zones.mjs.',
    },
  },
  create(context) {
    const [{ root, zones }] = context.options;
    const source = path.join(context.cwd, root);
    const from = zoneOf(path.relative(source, context.filename));
    if (/^index(-|$)/.test(from)) return {}; // the entry points re-export from anywhere
    const allowed = zones[from];
    if (!allowed) {
      return { Program: (node) => context.report({ node, messageId: 'unknown', data: { from } }) };
    }
    const mayImport = new Set([from, ...allowed]);

    const check = (node) => {
      const specifier = node?.value;
      if (typeof specifier !== 'string' || !specifier.startsWith('.')) return;
      const to = zoneOf(path.relative(source, path.resolve(path.dirname(context.filename), specifier)));
      if (mayImport.has(to)) return;
      const list = [...mayImport].map((zone) => `\`${zone}\``).join(', ');
      context.report({ node, messageId: 'forbidden', data: { from, to, allowed: list } });
    };
    return {
      ImportDeclaration: (node) => check(node.source),
      ExportNamedDeclaration: (node) => check(node.source),
      ExportAllDeclaration: (node) => check(node.source),
      ImportExpression: (node) => check(node.source),
      TSImportType: (node) => check(node.source ?? node.argument?.literal),
      TSExternalModuleReference: (node) => check(node.expression),
    };
  },
};
