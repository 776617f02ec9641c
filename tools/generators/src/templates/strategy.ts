// Source and test of a strategy, out of the template of its kind.
import { camelCase } from '../names.js';
import { templates, type Kind } from './kinds.js';

/** A strategy as source text. */
export interface Generated {
  /** Name of the exported strategy. */
  readonly exported: string;
  readonly source: string;
  readonly spec: string;
}

/** Source and test of a strategy; `from` is where the test finds the source, e.g. `./my-scorer.js`. */
export function generateStrategy(kind: Kind, name: string, from = `./${name}.js`): Generated {
  const { imports, others = {}, head, doc, members, by } = templates[kind];
  const exported = camelCase(name);
  const filled = (text: string): string =>
    text.replaceAll('NAME', name).replaceAll('EXPORTED', exported).replaceAll('MODEL_TYPE', name.replaceAll('-', '_'));
  const made = members.startsWith('(') ? members : `({\n${members.replace(/^(?=.)/gm, '  ')}\n  })`;
  const core = [...imports, ...(by === undefined ? ['strategy'] : [])];
  const own = { ...(core.length === 0 ? {} : { '@espalier/core': core }), ...others };
  const summary = doc.replace(/ \(say.*/, '').replace(/\.$/, '');
  const declared =
    by === undefined
      ? `strategy('${kind}', {\n  name: 'NAME',\n  summary: '${summary}',\n  create: () => ${made},\n})`
      : `${by}({\n  name: 'NAME',\n  summary: '${summary}',\n${members}\n})`;
  const source = `// ${head}: what it is, in a line or two, and what it leaves to others.
${importLines(own)}
/** ${doc} */
export const ${exported} = ${filled(declared)};
`;
  return { exported, source, spec: filled(specOf(kind, from)) };
}

function specOf(kind: Kind, from: string): string {
  const { suite, test, given = 'EXPORTED()' } = templates[kind];
  if (test === undefined)
    return `// EXPORTED passes the suite that every ${kind} must pass. Add what only yours promises.
${importLines({ '@espalier/testing': [suite], [from]: ['EXPORTED'] })}
${suite}(${given});
`;
  const used = {
    '@espalier/core': ['random'],
    '@espalier/core/graph': ['referenceBackend'],
    '@espalier/testing': [suite],
  };
  return `// What EXPORTED promises.
${importLines({ ...used, vitest: ['expect', 'test'], [from]: ['EXPORTED'] })}
${test}
`;
}

function importLines(names: Readonly<Record<string, readonly string[]>>): string {
  return Object.entries(names)
    .map(([module, own]) => `import { ${own.join(', ')} } from '${module}';\n`)
    .join('');
}
