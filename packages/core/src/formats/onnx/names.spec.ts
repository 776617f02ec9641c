// In ONNX an empty name says that an optional input is absent. No lowering may come to write one by mistake.
import { describe, expect, test } from 'vitest';
import { InternalError } from '../../errors.js';
import { add, cast, input, program } from '../../graph/index.js';
import { createCollector } from './emitter.js';
import { emitOp } from './op-rules.js';
import { programToOnnx } from './program.js';

describe('a value without a name', () => {
  const x = input('x', [2], 'float32');

  test('is refused as an operand of a node', () => {
    expect(() => createCollector().node('Add', ['a', ''])).toThrow(InternalError);
    expect(() => createCollector().node('Add', ['a', ''])).toThrow('an operand of Add has no name');
  });

  test('is refused where a rule lacks an operand', () => {
    expect(() => emitOp(cast(x, 'int32'), [], createCollector())).toThrow(InternalError);
  });

  test('is refused where the lowering of an op gives none', () => {
    const lost = program('lost', { outputs: { y: add(add(x, x), x) } });
    expect(() => programToOnnx(lost, { ops: { add: () => '' } })).toThrow(InternalError);
  });

  test('is refused as an output that a node does not have', () => {
    expect(() => createCollector().node('TopK', ['a'], {}, { outputs: { count: 1, take: 1 } })).toThrow(
      'output 1 of TopK is missing',
    );
  });
});
