// Operands of ops that lowerings write.
import { InternalError } from '@espalier/core';

/** The name of an operand that an op must have: in ONNX an empty one would mean an input that is left out. */
export function operand(name: string | undefined): string {
  if (name === undefined) throw new InternalError('an op to be written for ONNX Runtime lacks an operand');
  return name;
}
