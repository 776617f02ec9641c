// A reader that has gone (`| head -1`), or a terminal that was closed: the command goes on, and what nobody reads is dropped.
import { systemWords } from '@espalier/core/words';

/** What is needed of a stream. */
export interface Watched {
  on(event: 'error', listener: (error: Error) => void): unknown;
  off(event: 'error', listener: (error: Error) => void): unknown;
}

const gone: readonly unknown[] = [
  'EPIPE',
  'EIO',
  'ENXIO',
  'ECONNRESET',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_WRITE_AFTER_END',
];

/** Other failures of the streams since `watchStreams`: a full disk under a redirected result. */
export interface StreamWatch {
  /** In words; `undefined` while every stream took what it was given. */
  readonly failure: string | undefined;
  /** Stops listening. */
  stop(): void;
}

/** Keeps errors of output streams from ending the process. */
export function watchStreams(streams: readonly Watched[]): StreamWatch {
  let failure: string | undefined;
  const listener = (error: Error): void => {
    if ('code' in error && gone.includes(error.code)) return;
    failure ??= `the result could not be written: ${systemWords(error) ?? error.message}`;
  };
  for (const stream of streams) stream.on('error', listener);
  return {
    get failure() {
      return failure;
    },
    stop() {
      for (const stream of streams) stream.off('error', listener);
    },
  };
}
