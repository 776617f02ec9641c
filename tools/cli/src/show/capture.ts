// What other code writes to stdout and stderr while a live view is on screen. Text written by native code past Node's streams
// cannot be caught here; the backends keep their libraries quiet.

/** The part of a stream that is replaced while capturing. */
export interface Capturable {
  write: NodeJS.WriteStream['write'];
}

type WriteCallback = (error?: Error | null) => void;

/** Lines written to the streams go to `take` until `release`, which hands on an unfinished line too. */
export function captureWrites(
  streams: readonly Capturable[],
  take: (line: string) => void,
): { readonly release: () => void } {
  let rest = '';
  const originals = streams.map((stream) => ({ stream, write: stream.write }));
  const flush = (): void => {
    if (rest !== '') take(rest);
    rest = '';
  };
  for (const { stream } of originals) {
    stream.write = (
      chunk: string | Uint8Array,
      encodingOrDone?: BufferEncoding | WriteCallback,
      done?: WriteCallback,
    ) => {
      const lines = (rest + (typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8'))).split('\n');
      rest = lines.pop() ?? '';
      lines.forEach(take);
      const callback = typeof encodingOrDone === 'function' ? encodingOrDone : done;
      if (callback !== undefined) queueMicrotask(() => callback(null));
      return true;
    };
  }
  return {
    release() {
      for (const { stream, write } of originals) stream.write = write;
      flush();
    },
  };
}
