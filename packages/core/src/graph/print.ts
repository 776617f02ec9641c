// The stable text form of a graph: what tests assert on, what errors quote, and what programs are hashed by.
import { createHash } from 'node:crypto';
import { describeType, isOp, type Node, type OpName, type Tensor } from './tensor.js';
import { topological } from './walk.js';

const SHOWN_VALUES = 8;

/** `values` in full when few, else the first ones with a digest of all, so that equal text means equal values. */
function printValues(values: readonly number[]): string {
  if (values.length <= SHOWN_VALUES) return `[${values.map(printNumber).join(', ')}]`;
  const digest = createHash('sha256').update(Float64Array.from(values)).digest('hex').slice(0, 16);
  return `[${values.slice(0, 3).map(printNumber).join(', ')}, … ${values.length} values #${digest}]`;
}

function printNumber(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

/** Attributes as `key=value`, leaving out what the printed type already says. */
function printAttributes(node: Node): string {
  if (isOp(node, 'constant')) return printValues(node.attributes.values);
  if (isOp(node, 'composite')) return printOptions(node.attributes.options);
  if (isOp(node, 'reshape') || isOp(node, 'broadcast') || isOp(node, 'cast')) return '';
  return printOptions(node.attributes);
}

function printOptions(options: unknown): string {
  if (typeof options !== 'object' || options === null) return options === undefined ? '' : JSON.stringify(options);
  return Object.entries(options)
    .filter(([, value]) => value !== false && value !== undefined)
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join(', ');
}

function opName(node: Tensor): string {
  return isOp(node, 'composite') ? node.attributes.definition.name : (node.op satisfies OpName);
}

/** One line of a printed graph, given how inputs are called: `add(%0, %1) : float32[2]`. */
export function printNode(node: Tensor, nameOf: (input: Tensor) => string): string {
  const details = [node.inputs.map(nameOf).join(', '), printAttributes(node)].filter((part) => part !== '').join('; ');
  return `${opName(node)}(${details}) : ${describeType(node)}`;
}

/** Results by name; entries where a name may occur twice. */
export type NamedResults = Readonly<Record<string, Tensor>> | readonly (readonly [name: string, node: Tensor])[];

/**
 * Every node on its own line, in order of need, then the named results (a record, or entries where a name may occur twice).
 * With `bodies` also the nodes inside composites, so that equal text means equal values even where two composites share a name.
 */
export function printGraph(results: NamedResults, options: { readonly bodies?: boolean } = {}): string {
  const entries = isEntries(results) ? results : Object.entries(results);
  const names = new Map<Tensor, string>();
  const lines: string[] = [];
  const nameOf = (node: Tensor): string => names.get(node) ?? '?';
  const roots = entries.map(([, node]) => node);
  for (const node of topological(roots, options)) {
    names.set(node, `%${names.size}`);
    const body = options.bodies === true && isOp(node, 'composite') ? ` = ${nameOf(node.attributes.body)}` : '';
    lines.push(`${nameOf(node)} = ${printNode(node, nameOf)}${body}`);
  }
  for (const [name, node] of entries) lines.push(`${name}: ${nameOf(node)}`);
  return lines.join('\n');
}

function isEntries(results: NamedResults): results is readonly (readonly [string, Tensor])[] {
  return Array.isArray(results);
}
