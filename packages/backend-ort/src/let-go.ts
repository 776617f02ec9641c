// Memory that goes back at once. A large array that nobody holds is garbage until JavaScript next collects it, which is when its own
// heap grows, and not when the machine's memory is short; and glibc keeps what is freed below its last allocation.
import { once } from 'node:events';
import { MessageChannel } from 'node:worker_threads';
import koffi from 'koffi';

/** Bytes below which it is not worth the time. */
const LITTLE = 2 ** 26;

/** Frees what the arrays lie in, each in memory of its own, where that is much; they are empty afterwards. */
export async function letGo(arrays: readonly { readonly buffer: ArrayBufferLike }[]): Promise<void> {
  const buffers = arrays.flatMap(({ buffer }) => (buffer instanceof ArrayBuffer ? [buffer] : []));
  if (buffers.reduce((total, { byteLength }) => total + byteLength, 0) < LITTLE) return;
  const { port1, port2 } = new MessageChannel();
  // Moved into a message that nobody will read.
  port1.postMessage(undefined, buffers);
  const closed = Promise.all([once(port1, 'close'), once(port2, 'close')]);
  port1.close();
  port2.close();
  await closed;
  trim ??= bindTrim();
  trim(0);
}

let trim: ((pad: number) => unknown) | undefined;

/** `malloc_trim` of glibc; nothing elsewhere. */
function bindTrim(): (pad: number) => unknown {
  try {
    return koffi.load(null).func('malloc_trim', 'int', ['size_t']);
  } catch {
    return () => undefined;
  }
}
