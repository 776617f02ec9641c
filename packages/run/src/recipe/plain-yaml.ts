// YAML as plain data, the kind that JSON has: no tags, no keys that are lists, nothing that holds itself.
import { isAlias, isScalar, visit, type Document } from 'yaml';

/** How YAML is parsed wherever a person or a stranger has written it. */
export const yamlOptions = {
  prettyErrors: false,
  uniqueKeys: true,
  resolveKnownTags: false,
  logLevel: 'error',
} as const;

/** Why a document is not plain data, and the offset of the place in its text. */
export interface YamlProblem {
  readonly found: string;
  readonly offset: number;
  /** What to do about it, where that is known. */
  readonly fix?: string;
}

/** What the parser says of lines that begin in the wrong column: that, or something about items and mappings. */
const indentation: ReadonlySet<string> = new Set([
  'BAD_INDENT',
  'BLOCK_AS_IMPLICIT_KEY',
  'MISSING_CHAR',
  'TAB_AS_INDENT',
]);
const INDENT =
  'Let the keys of one level begin in the same column, two spaces further in than the key that holds them, without tabs; text with ": " in it needs quotes';

const MAX_ALIASES = 100;
const MAX_DEPTH = 64;

/** The value of a document that was parsed with `yamlOptions`, or the first problem. */
export function plainYaml(document: Document.Parsed): { readonly value: unknown } | { readonly problem: YamlProblem } {
  const problem = parseProblem(document);
  if (problem !== undefined) return { problem };
  const whole = (found: string) => ({ problem: { found, offset: document.contents?.range[0] ?? 0 } });
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: MAX_ALIASES }) as unknown;
  } catch (error) {
    const bomb = error instanceof ReferenceError && error.message.includes('alias count');
    if (bomb) return whole(`its aliases stand for more than ${MAX_ALIASES} copies of one value`);
    return whole(error instanceof Error ? error.message : String(error));
  }
  const found = notPlain(value, [], new Set());
  return found === undefined ? { value } : whole(found);
}

function parseProblem(document: Document.Parsed): YamlProblem | undefined {
  const [error] = [...document.errors, ...document.warnings];
  if (error !== undefined) {
    const found = /call stack/.test(error.message) ? 'its values are nested too deep' : error.message;
    const said = found.replaceAll(/\s+/g, ' ').trim();
    const isIndent = indentation.has(error.code) && /indent|column|Sequence item|mappings?/i.test(said);
    if (!isIndent) return { found: said, offset: error.pos[0] };
    return { found: `this line or the next is indented wrongly (${said})`, offset: error.pos[0], fix: INDENT };
  }
  let problem: YamlProblem | undefined;
  visit(document, {
    Alias(_, node) {
      if (node.resolve(document) !== undefined) return undefined;
      problem = {
        found: `there is no anchor "&${node.source}" before "*${node.source}"`,
        offset: node.range?.[0] ?? 0,
      };
      return visit.BREAK;
    },
    Pair(_, { key }) {
      if (key === null || isScalar(key) || isAlias(key)) return undefined;
      problem = { found: 'a key is a list or a map; keys are words', offset: 0 };
      return visit.BREAK;
    },
  });
  return problem;
}

/** What keeps a value from being plain data. */
function notPlain(value: unknown, above: readonly unknown[], seen: Set<unknown>): string | undefined {
  if (typeof value === 'bigint' || typeof value === 'symbol' || typeof value === 'function')
    return 'it holds no plain value';
  if (typeof value !== 'object' || value === null) return undefined;
  if (above.includes(value)) return 'a value holds itself by an alias';
  if (above.length >= MAX_DEPTH) return `its values are nested more than ${MAX_DEPTH} deep`;
  if (seen.has(value)) return undefined;
  seen.add(value);
  if (!Array.isArray(value) && Object.getPrototypeOf(value) !== Object.prototype)
    return 'it holds a value of a kind that JSON does not have (a date, a set, bytes)';
  for (const own of Object.values(value)) {
    const found = notPlain(own, [...above, value], seen);
    if (found !== undefined) return found;
  }
  return undefined;
}
