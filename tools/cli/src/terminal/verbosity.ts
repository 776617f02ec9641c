// How much a call of the command says on stderr, by -q and -v: known to whatever is done within the call, and to nothing else.
import { AsyncLocalStorage } from 'node:async_hooks';

/** `quiet`: warnings and errors; `verbose`: every second of progress as a line of its own, and the stack of errors. */
export type Verbosity = 'quiet' | 'usual' | 'verbose';

const calls = new AsyncLocalStorage<{ own: Verbosity }>();

/** Does a call; `set` is for the parser, once it has read the flags. */
export function withVerbosity<Value>(work: (set: (own: Verbosity) => void) => Promise<Value>): Promise<Value> {
  const call: { own: Verbosity } = { own: 'usual' };
  return calls.run(call, () => work((own) => void (call.own = own)));
}

/** That of the call at work. */
export function verbosity(): Verbosity {
  return calls.getStore()?.own ?? 'usual';
}
