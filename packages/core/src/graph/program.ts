// A program: what is fed (inputs), what stays on the device (state, with its next value), what comes back (outputs).
import { createHash } from 'node:crypto';
import { describeType, isOp, sameShape, type Tensor } from './tensor.js';
import { GraphError, type TensorType } from './shape-rules.js';
import { printGraph } from './print.js';
import { simplify } from './simplify.js';
import { topological } from './walk.js';
import { verify } from './verify.js';

/** Named types, e.g. of all inputs. */
export type TensorTypes = Readonly<Record<string, TensorType>>;

/** A whole-graph program; one run reads inputs and state, gives outputs, and replaces the states named in `next`. */
export interface Program {
  /** For people: in messages and profiles. */
  readonly name: string;
  /** Every input that is read. */
  readonly inputs: TensorTypes;
  /** Every state that is read or replaced. */
  readonly states: TensorTypes;
  /** What a run gives back, by name. */
  readonly outputs: Readonly<Record<string, Tensor>>;
  /** New values of states, all computed from the old ones. */
  readonly next: Readonly<Record<string, Tensor>>;
}

/** What a program computes; which inputs and states it needs follows from the graph. */
export interface ProgramParts {
  /** What a run gives back, by name; nothing when not given. */
  readonly outputs?: Readonly<Record<string, Tensor>>;
  /** New values of states by their name, all computed from the old ones; none when not given. */
  readonly next?: Readonly<Record<string, Tensor>>;
}

/** Simplifies and checks the graph and lists its leaves. Throws `GraphError` when one name has two types, or a composite's body reads a leaf past its inputs. */
export function program(name: string, { outputs = {}, next = {} }: ProgramParts): Program {
  const roots = [...Object.values(outputs), ...Object.values(next)];
  const simplified = simplify(roots);
  const mapped = (results: Readonly<Record<string, Tensor>>): Record<string, Tensor> =>
    Object.fromEntries(Object.entries(results).map(([key, node]) => [key, simplified.get(node) ?? node]));
  const parts = { outputs: mapped(outputs), next: mapped(next) };
  const finalRoots = [...Object.values(parts.outputs), ...Object.values(parts.next)];
  verify(finalRoots);
  const inputs = leafTypes(name, finalRoots, 'input');
  const states = leafTypes(name, finalRoots, 'state');
  for (const [key, node] of Object.entries(parts.next)) {
    const known = states.get(key);
    if (known === undefined) states.set(key, { shape: node.shape, dtype: node.dtype });
    else checkSameType(name, `next value of state "${key}"`, known, node);
  }
  return { name, inputs: Object.fromEntries(inputs), states: Object.fromEntries(states), ...parts };
}

function leafTypes(name: string, roots: readonly Tensor[], op: 'input' | 'state'): Map<string, TensorType> {
  const types = new Map<string, TensorType>();
  for (const node of topological(roots, { bodies: true })) {
    if (!isOp(node, op)) continue;
    const known = types.get(node.attributes.name);
    if (known !== undefined) checkSameType(name, `${op} "${node.attributes.name}"`, known, node);
    types.set(node.attributes.name, { shape: node.shape, dtype: node.dtype });
  }
  return types;
}

function checkSameType(name: string, what: string, a: TensorType, b: TensorType): void {
  if (a.dtype === b.dtype && sameShape(a.shape, b.shape)) return;
  throw new GraphError(`program "${name}": ${what} is both ${describeType(a)} and ${describeType(b)}`);
}

/** The program's stable text form; with `bodies` also what its composites do. */
export function printProgram({ outputs, next }: Program, options: { readonly bodies?: boolean } = {}): string {
  const replaced = Object.entries(next).map(([name, node]) => [`next ${name}`, node] as const);
  return printGraph([...Object.entries(outputs), ...replaced], options);
}

/**
 * Digest of all that a run depends on: equal programs have equal hashes, so that compiled ones can be reused. The name of
 * the program does not count.
 */
export function programHash(program: Program): string {
  const names = JSON.stringify([Object.keys(program.outputs), Object.keys(program.next)]);
  return createHash('sha256')
    .update(`${names}\n${printProgram(program, { bodies: true })}`)
    .digest('hex');
}
