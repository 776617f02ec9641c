// How a run ends before its end: asked to stop, it stops in good order; left by its listener, at once.

/** What a run looks at to learn that it should stop. */
export interface StopRequest {
  /** Whether it was asked to stop. */
  readonly requested: boolean;
  /** Aborted when it was asked to stop, as soon as nobody holds it. */
  readonly signal: AbortSignal;
  /** Keeps the signal back while somebody who looks at `requested` ends in good order; the returned function lets it go. */
  hold(): () => void;
}

/** A request by `asked`, which can be held back, or by `left`, which cannot. `release` takes its listeners off. */
export function stopRequest(asked: AbortSignal | undefined, left: AbortSignal): StopRequest & { release(): void } {
  const controller = new AbortController();
  let holders = 0;
  const follow = (): void => {
    if (asked?.aborted === true && holders === 0) controller.abort(asked.reason);
  };
  const leave = (): void => controller.abort(left.reason);
  asked?.addEventListener('abort', follow);
  left.addEventListener('abort', leave);
  follow();
  return {
    signal: controller.signal,
    get requested() {
      return asked?.aborted === true || left.aborted;
    },
    hold() {
      holders += 1;
      return () => {
        holders -= 1;
        follow();
      };
    },
    release() {
      asked?.removeEventListener('abort', follow);
      left.removeEventListener('abort', leave);
    },
  };
}
