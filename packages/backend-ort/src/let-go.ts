// Memory that goes back at once. A large array that nobody holds is garbage until JavaScript next collects it, which is when its own
// heap grows, and not when the machine's memory is short.
import { MessageChannel } from 'node:worker_threads';

/** Frees what the arrays lie in, each in memory of its own; they are empty afterwards. */
export function letGo(arrays: readonly { readonly buffer: ArrayBufferLike }[]): void {
  const { port1, port2 } = new MessageChannel();
  const buffers = arrays.flatMap(({ buffer }) => (buffer instanceof ArrayBuffer ? [buffer] : []));
  // Moved into a message that nobody will read.
  port1.postMessage(undefined, buffers);
  port1.close();
  port2.close();
}
