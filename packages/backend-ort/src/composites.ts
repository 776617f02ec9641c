// Which composites ONNX Runtime runs as one kernel, by device. A lowering must equal the composite's body; the
// conformance suite checks each.
import type { OnnxTarget } from '@espalier/core';

/** The CPU provider's kernels. */
export const cpuTarget: OnnxTarget = {
  composites: {
    silu: {
      accepts: (node) => node.dtype === 'float32',
      lower: (_node, operands, emit) =>
        emit.node('QuickGelu', operands, { alpha: { float: 1 } }, { domain: 'com.microsoft' }),
    },
  },
};
