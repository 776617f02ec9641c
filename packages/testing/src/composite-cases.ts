// Small cases of the named composites, as models and losses use them.
import { at } from '@espalier/core';
import {
  attention,
  cos,
  crossEntropy,
  forwardKl,
  layerNorm,
  matmul,
  reverseKl,
  rmsNorm,
  rotary,
  silu,
  sin,
  squaredRelu,
  swiGlu,
  type Shape,
  type Tensor,
} from '@espalier/core/graph';
import { awayFromZero, booleans, exactly, floats, integers, normal, positive, spread, whole } from './draws.js';
import { graphCase, type Draw, type GraphCase } from './graph-case.js';

export type CompositeName =
  | 'rmsNorm'
  | 'layerNorm'
  | 'rotary'
  | 'attention'
  | 'silu'
  | 'swiGlu'
  | 'squaredRelu'
  | 'crossEntropy'
  | 'forwardKl'
  | 'reverseKl';

function rmsNormCase(title: string, shape: Shape, epsilon = 1e-5, draw = normal): GraphCase {
  const leaves = { x: floats(shape, draw), weight: floats(shape.slice(-1)) };
  return graphCase(title, leaves, ({ x, weight }) => rmsNorm(x, weight, { epsilon }));
}

function layerNormCase(title: string, shape: Shape, epsilon = 1e-5): GraphCase {
  const leaves = { x: floats(shape), weight: floats(shape.slice(-1)), bias: floats(shape.slice(-1)) };
  return graphCase(title, leaves, ({ x, weight, bias }) => layerNorm(x, weight, bias, { epsilon }));
}

function rotaryCase(title: string, shape: Shape, half: number): GraphCase {
  const leaves = { x: floats(shape), angles: floats([at(shape, 2), half]) };
  return graphCase(title, leaves, ({ x, angles }) => rotary(x, cos(angles), sin(angles)));
}

interface Sizes {
  readonly batch?: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly queries: number;
  readonly keys?: number;
  readonly size?: number;
}

function attentionLeaves({ batch = 2, heads, kvHeads, queries, keys = queries, size = 3 }: Sizes) {
  return {
    q: floats([batch, heads, queries, size]),
    k: floats([batch, kvHeads, keys, size]),
    v: floats([batch, kvHeads, keys, size]),
  };
}

function causalCase(title: string, sizes: Sizes): GraphCase {
  return graphCase(title, attentionLeaves(sizes), ({ q, k, v }) => attention(q, k, v, { scale: 0.6 }));
}

function maskedCase(title: string, sizes: Sizes, shape: Shape, draw: Draw): GraphCase {
  const leaves = { ...attentionLeaves(sizes), mask: booleans(shape, draw) };
  return graphCase(title, leaves, ({ q, k, v, mask }) => attention(q, k, v, { scale: 0.6, mask }));
}

const some = whole(0, 2);

/** Row weights of a loss of four rows: all, some, uneven, none. */
const rowWeights = { all: exactly(1), some: exactly(1, 0, 1, 0), uneven: exactly(0.5, 2, 0, 1), none: exactly(0) };

function crossEntropyCases(): GraphCase[] {
  const one = (title: string, draw: Draw, weights: Draw, rows = 4, classes = 5): GraphCase => {
    const leaves = {
      logits: floats([rows, classes], draw),
      targets: integers([rows], whole(0, classes)),
      weights: floats([rows], weights),
    };
    const build: Parameters<typeof graphCase<typeof leaves>>[2] = (own) =>
      crossEntropy(own.logits, own.targets, own.weights);
    return graphCase(title, leaves, build, ['logits']);
  };
  return [
    ...Object.entries(rowWeights).map(([name, weights]) => one(`weights: ${name}`, normal, weights)),
    one('logits in the hundreds', spread(200), rowWeights.some),
    one('one class', normal, rowWeights.all, 3, 1),
    one('no rows', normal, rowWeights.all, 0),
    productCase('logits of a product', [3, 6], ({ x, w }) => matmul(x, w)),
    productCase('logits of a transposed product', [6, 3], ({ x, w }) => matmul(x, w, { transposeB: true })),
  ];
}

/** A language model's head: more classes than channels, where the rule of `matmul` moves the row weights to the other side. */
function productCase(
  title: string,
  shape: Shape,
  logits: (leaves: { readonly x: Tensor<'float32'>; readonly w: Tensor<'float32'> }) => Tensor<'float32'>,
): GraphCase {
  const leaves = {
    x: floats([4, 3]),
    w: floats(shape),
    targets: integers([4], whole(0, 6)),
    weights: floats([4], rowWeights.uneven),
  };
  return graphCase(title, leaves, (own) => crossEntropy(logits(own), own.targets, own.weights), ['x', 'w']);
}

function divergenceCases(divergence: typeof forwardKl): GraphCase[] {
  const one = (title: string, temperature: number, weights: Draw, draw: Draw = normal, rows = 4): GraphCase => {
    const leaves = {
      student: floats([rows, 5], draw),
      teacher: floats([rows, 5], draw),
      weights: floats([rows], weights),
    };
    const build: Parameters<typeof graphCase<typeof leaves>>[2] = (own) =>
      divergence(own.student, own.teacher, own.weights, { temperature });
    return graphCase(title, leaves, build, ['student']);
  };
  return [
    ...Object.entries(rowWeights).map(([name, weights]) => one(`weights: ${name}`, 1, weights)),
    one('temperature 2', 2, rowWeights.some),
    one('logits in the tens', 1, rowWeights.uneven, spread(20)),
    one('no rows', 1, rowWeights.all, normal, 0),
  ];
}

/** Cases by composite. */
export const compositeCases: { readonly [Name in CompositeName]: readonly GraphCase[] } = {
  rmsNorm: [
    rmsNormCase('rows of a batch', [2, 3, 4]),
    rmsNormCase('one row', [5]),
    rmsNormCase('rows of one element', [3, 1]),
    rmsNormCase('values as small as epsilon', [2, 4], 1e-2, spread(0.1)),
    rmsNormCase('a row of zeros', [1, 3], 1e-2, exactly(0)),
    rmsNormCase('no rows', [0, 3]),
  ],
  layerNorm: [
    layerNormCase('rows of a batch', [2, 3, 4]),
    layerNormCase('one row', [5]),
    layerNormCase('rows of one element', [3, 1], 1e-2),
    layerNormCase('no rows', [0, 3]),
  ],
  rotary: [
    rotaryCase('every channel', [2, 2, 3, 4], 2),
    rotaryCase('half the channels', [1, 2, 3, 8], 2),
    rotaryCase('all but one channel', [1, 1, 2, 3], 1),
    rotaryCase('one position', [2, 1, 1, 4], 2),
    rotaryCase('no positions', [1, 2, 0, 4], 2),
  ],
  attention: [
    causalCase('a key/value head for each head', { heads: 2, kvHeads: 2, queries: 4 }),
    causalCase('two heads in a group', { heads: 4, kvHeads: 2, queries: 3 }),
    causalCase('one key/value head for all', { heads: 3, kvHeads: 1, queries: 4, size: 2 }),
    causalCase('one position', { heads: 2, kvHeads: 1, queries: 1 }),
    causalCase('two blocks of queries', { batch: 1, heads: 2, kvHeads: 1, queries: 128, size: 2 }),
    causalCase('three blocks of queries', { batch: 1, heads: 1, kvHeads: 1, queries: 192, size: 1 }),
    causalCase('an empty batch', { batch: 0, heads: 2, kvHeads: 1, queries: 2 }),
    maskedCase(
      'a mask of queries and keys',
      { heads: 2, kvHeads: 1, queries: 3 },
      [3, 3],
      exactly(1, 0, 0, 1, 1, 0, 0, 1, 1),
    ),
    maskedCase('one query, longer keys', { heads: 4, kvHeads: 2, queries: 1, keys: 5 }, [1, 5], exactly(1, 1, 1, 0, 0)),
    maskedCase('more queries than keys', { heads: 1, kvHeads: 1, queries: 4, keys: 2 }, [4, 2], exactly(1, 0, 1, 1)),
    maskedCase(
      'a query that sees nothing',
      { heads: 2, kvHeads: 2, queries: 2, keys: 3 },
      [2, 3],
      exactly(0, 0, 0, 1, 0, 1),
    ),
    maskedCase('nothing seen by any query', { heads: 2, kvHeads: 1, queries: 2 }, [2, 2], exactly(0)),
    maskedCase(
      'a mask of keys for each of a batch',
      { heads: 4, kvHeads: 2, queries: 2 },
      [2, 1, 1, 2],
      exactly(1, 0, 1, 1),
    ),
    maskedCase('a mask for each head', { heads: 4, kvHeads: 2, queries: 3 }, [4, 3, 3], some),
    maskedCase('a mask for everything', { heads: 4, kvHeads: 2, queries: 2 }, [2, 4, 2, 2], some),
  ],
  silu: [
    graphCase('a matrix', { x: floats([2, 3], spread(3)) }, ({ x }) => silu(x)),
    graphCase('a scalar', { x: floats([]) }, ({ x }) => silu(x)),
    graphCase('far from 0', { x: floats([4], exactly(-200, -40, 40, 200)) }, ({ x }) => silu(x)),
    graphCase('nothing', { x: floats([0, 2]) }, ({ x }) => silu(x)),
  ],
  swiGlu: [
    graphCase('a matrix', { gate: floats([2, 3], spread(3)), up: floats([2, 3]) }, (own) => swiGlu(own.gate, own.up)),
    graphCase('broadcast', { gate: floats([2, 3]), up: floats([3]) }, (own) => swiGlu(own.gate, own.up)),
    graphCase('far from 0', { gate: floats([4], exactly(-200, -40, 40, 200)), up: floats([4]) }, (own) =>
      swiGlu(own.gate, own.up),
    ),
    graphCase('nothing', { gate: floats([0, 2]), up: floats([0, 2]) }, (own) => swiGlu(own.gate, own.up)),
  ],
  squaredRelu: [
    graphCase('a matrix', { x: floats([2, 3], awayFromZero) }, ({ x }) => squaredRelu(x)),
    graphCase('positive only', { x: floats([4], positive) }, ({ x }) => squaredRelu(x)),
    graphCase('zero', { x: floats([1], exactly(0)) }, ({ x }) => squaredRelu(x), []),
    graphCase('nothing', { x: floats([0]) }, ({ x }) => squaredRelu(x)),
  ],
  crossEntropy: crossEntropyCases(),
  forwardKl: divergenceCases(forwardKl),
  reverseKl: divergenceCases(reverseKl),
};
