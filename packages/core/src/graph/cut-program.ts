// A program cut into parts that run one after the other, so that no more than one part's state need be at hand at a time.
import { input, state } from './build.js';
import { GraphError } from './shape-rules.js';
import { program, type Program } from './program.js';
import { isOp, type Tensor } from './tensor.js';
import { rewrite, topological } from './walk.js';
import { present } from '../look-up.js';

/** Where a state belongs: to the layer of that number (0-based), or to what comes before and after all layers. */
export type StatePlace = number | 'outside';

/** One part of a program. Its names are its own, so that parts that compute alike are equal programs. */
export interface ProgramPart {
  /** What it computes. */
  readonly program: Program;
  /** Inputs that are the whole program's: its name of each by the part's. */
  readonly inputs: ReadonlyMap<string, string>;
  /** Inputs that an earlier part gives: a key of `gives` by the part's name. */
  readonly takes: ReadonlyMap<string, number>;
  /** Outputs that a later part takes: a key, unique over all parts, by the part's name. */
  readonly gives: ReadonlyMap<string, number>;
  /** Outputs that are the whole program's: its name of each by the part's. */
  readonly outputs: ReadonlyMap<string, string>;
  /** States: the whole program's name of each by the part's. */
  readonly states: ReadonlyMap<string, string>;
}

/**
 * Cuts a program along the layers of the states that it reads: what comes before them, each layer, what comes after. `placeOf` gives a state's place,
 * undefined for one that may be anywhere (an accumulator). Run in their order, the parts compute what the program does. A backward pass is not cut:
 * its part reads the states of all layers. Throws `GraphError` for a replaced state that another part than that of its next value reads.
 */
export function cutProgram(whole: Program, placeOf: (state: string) => StatePlace | undefined): readonly ProgramPart[] {
  const results = [
    ...Object.entries(whole.outputs).map(([name, node]) => ({ kind: 'output' as const, name, node })),
    ...Object.entries(whole.next).map(([name, node]) => ({ kind: 'next' as const, name, node })),
  ];
  const order = topological(results.map(({ node }) => node));
  const levels = levelsOf(order, placeOf);
  const levelOf = (node: Tensor): number => Math.max(0, present(levels.get(node), 'the level of a node'));
  const carried = carriedNodes(order, levels);
  const used = [...new Set(results.map(({ node }) => levelOf(node)).concat([...carried.keys()].map(levelOf)))];
  const parts = used
    .sort((a, b) => a - b)
    .map((level) => {
      const own = results.filter(({ node }) => levelOf(node) === level);
      const given = [...carried].filter(([node]) => levelOf(node) === level);
      return makePart(whole.name, own, given, (node) => {
        const key = carried.get(node);
        return key !== undefined && levelOf(node) < level ? key : undefined;
      });
    });
  for (const name of Object.keys(whole.next)) checkReplaced(name, parts);
  return parts;
}

/** Each part has a state of its own: one that an earlier part reads would not be the one that a later part replaces. */
function checkReplaced(name: string, parts: readonly ProgramPart[]): void {
  const reading = parts.filter(({ states }) => [...states.values()].includes(name));
  if (reading.length <= 1) return;
  throw new GraphError(
    `state "${name}" is read in ${reading.length} layers and replaced in one: add up what the layers give first, and the state last`,
  );
}

/** Computed from no state of any place, so that every part computes it for itself. */
const ANYWHERE = -1;

/** The part in which each node is computed: 0 before the layers, 1 + layer within, one more after the last. */
function levelsOf(
  order: readonly Tensor[],
  placeOf: (state: string) => StatePlace | undefined,
): ReadonlyMap<Tensor, number> {
  const places = new Map(
    order.flatMap((node) => (isOp(node, 'state') ? [[node as Tensor, placeOf(node.attributes.name)] as const] : [])),
  );
  const layers = [...places.values()].filter((place) => typeof place === 'number');
  const after = Math.max(-1, ...layers) + 2;
  const levels = new Map<Tensor, number>();
  for (const node of order) {
    const before = Math.max(ANYWHERE, ...node.inputs.map((own) => levels.get(own) ?? ANYWHERE));
    const read = node.inputs.map((own) => places.get(own));
    const own = Math.max(ANYWHERE, ...read.map((place) => (typeof place === 'number' ? place + 1 : ANYWHERE)));
    const outside = read.includes('outside') ? (before > 0 ? after : 0) : ANYWHERE;
    levels.set(node, node.inputs.length === 0 ? ANYWHERE : Math.max(before, own, outside));
  }
  return levels;
}

/** Values that a later part reads, numbered in the order of the graph. */
function carriedNodes(order: readonly Tensor[], levels: ReadonlyMap<Tensor, number>): ReadonlyMap<Tensor, number> {
  const level = (node: Tensor): number => levels.get(node) ?? ANYWHERE;
  const read = new Set(
    order.flatMap((node) => node.inputs.filter((own) => level(own) >= 0 && level(own) < level(node))),
  );
  return new Map(order.filter((node) => read.has(node)).map((node, key) => [node, key]));
}

interface Result {
  readonly kind: 'output' | 'next';
  readonly name: string;
  readonly node: Tensor;
}

function makePart(
  name: string,
  results: readonly Result[],
  given: readonly (readonly [Tensor, number])[],
  taken: (node: Tensor) => number | undefined,
): ProgramPart {
  const roots = [...results.map(({ node }) => node), ...given.map(([node]) => node)];
  const takes = new Map<string, number>();
  const inputs = new Map<string, string>();
  const states = new Map<string, string>();
  const own = new Map<string, string>();
  /** The part's name of something, by what it is outside. */
  const nameFor = <Value>(prefix: string, outside: Value, known: Map<string, Value>): string => {
    const key = `${prefix}:${String(outside)}`;
    const short = own.get(key) ?? `${prefix}${known.size}`;
    own.set(key, short);
    known.set(short, outside);
    return short;
  };
  const cut = rewrite(roots, (node, original) => {
    const key = taken(original);
    return key === undefined ? node : input(`${CARRIED}${key}`, original.shape, original.dtype);
  });
  const cutRoots = roots.map((node) => cut.get(node) ?? node);
  const named = rewrite(cutRoots, (node) => {
    if (isOp(node, 'state')) return state(nameFor('s', node.attributes.name, states), node.shape, node.dtype);
    if (!isOp(node, 'input')) return node;
    const outside = node.attributes.name;
    const short = outside.startsWith(CARRIED)
      ? nameFor('t', Number(outside.slice(CARRIED.length)), takes)
      : nameFor('i', outside, inputs);
    return input(short, node.shape, node.dtype);
  });
  const final = (node: Tensor): Tensor => {
    const once = cut.get(node) ?? node;
    return named.get(once) ?? once;
  };
  const outputs = results.filter(({ kind }) => kind === 'output');
  const next = results.filter(({ kind }) => kind === 'next');
  const part = program(name, {
    outputs: Object.fromEntries([
      ...outputs.map(({ node }, index) => [`o${index}`, final(node)] as const),
      ...given.map(([node], index) => [`g${index}`, final(node)] as const),
    ]),
    next: Object.fromEntries(next.map(({ name: outside, node }) => [nameFor('s', outside, states), final(node)])),
  });
  const of = <Value>(prefix: string, values: readonly Value[]): ReadonlyMap<string, Value> =>
    new Map(values.map((value, index) => [`${prefix}${index}`, value]));
  return {
    program: part,
    inputs,
    takes,
    states,
    outputs: of(
      'o',
      outputs.map(({ name: outside }) => outside),
    ),
    gives: of(
      'g',
      given.map(([, key]) => key),
    ),
  };
}

/** Begins the names of what an earlier part gives; no program's input has a NUL in its name. */
const CARRIED = '\0';
