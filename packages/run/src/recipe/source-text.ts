// Text of a recipe, YAML or JSON, as plain data that remembers where everything stands, with a `Reference` where it says `${env:NAME}`.
import { InputError } from '@espalier/core';
import { isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, visit, type Document } from 'yaml';
import { referenceIn } from '../secrets/references.js';
import type { Variables } from '../secrets/variables.js';
import { plainYaml, yamlOptions } from './plain-yaml.js';

/** Keys and 0-based numbers that lead to a value. */
export type ValuePath = readonly (string | number)[];

/** A recipe's text, read. */
export interface SourceText {
  readonly value: unknown;
  /** `recipe.yaml:12:5` of a value or, where it is not there, of the nearest one around it. */
  locate(path: ValuePath): string;
  /** Whether this text itself says something there. */
  has(path: ValuePath): boolean;
}

/** Reads text. Throws `InputError` with file, line and column for what is no YAML and for variables that are not set. */
export function readSource(text: string, file: string, variables: Variables): SourceText {
  const lines = new LineCounter();
  const document = parseDocument(text, { ...yamlOptions, lineCounter: lines });
  const place = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  const read = plainYaml(document);
  if ('problem' in read) {
    const { offset, found, fix = 'Correct the line; strings with special characters need quotes' } = read.problem;
    throw new InputError({ asked: `read recipe ${place(offset)}`, found, fix });
  }
  visit(document, {
    Scalar(key, node) {
      if (key === 'key' || typeof node.value !== 'string') return;
      // Without quotes, a variable may hold a number or true; in quotes it is text.
      const where = `read recipe ${place(node.range?.[0] ?? 0)}`;
      node.value = referenceIn(node.value, variables, where, node.type === 'PLAIN');
    },
  });
  return {
    // Aliases were counted by the check.
    value: document.toJS({ maxAliasCount: -1 }) as unknown,
    has: (path) => document.hasIn(path),
    locate: (path) => place(offsetOf(document, path)),
  };
}

/** Where a value's key stands, or the value itself in a list; the nearest place around it when it is not there. */
function offsetOf(document: Document.Parsed, path: ValuePath): number {
  let node: unknown = document.contents;
  let offset = document.contents?.range[0] ?? 0;
  for (const part of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && key.value === part);
      if (pair === undefined) return offset;
      offset = startOf(pair.key) ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(part)];
      offset = startOf(node) ?? offset;
    } else return offset;
  }
  return offset;
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}
