// How a run is asked to stop: at once where it next looks, or in good order by whoever holds the request.

/** What a run looks at to learn that it should stop. */
export interface StopRequest {
  /** Whether it was asked to stop. */
  readonly requested: boolean;
  /** Aborted when it was asked to stop, as soon as nobody holds it. */
  readonly signal: AbortSignal;
  /** Keeps the signal back while somebody who looks at `requested` ends in good order; the returned function lets it go. */
  hold(): () => void;
}

/** A request that never comes, or comes from a signal. */
export function stopRequest(signal: AbortSignal = new AbortController().signal): StopRequest {
  return {
    signal,
    get requested() {
      return signal.aborted;
    },
    hold: () => () => undefined,
  };
}
