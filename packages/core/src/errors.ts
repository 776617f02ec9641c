// Errors that a person reads: what was asked, what was found, what to do. Anything else that is thrown is a bug.

/** The three parts of a message; each is a clause without a full stop. */
export interface ErrorParts {
  /** What was asked for, e.g. `load model "m"`. */
  readonly asked: string;
  /** What was found instead. */
  readonly found: string;
  /** What the reader can do about it. */
  readonly fix: string;
}

/** Input from outside (file, flag, recipe, plugin) that cannot be used; the command line exits with code 2. */
export class InputError extends Error {
  /** Tells it from other errors where classes are not at hand. */
  override readonly name = 'InputError';

  constructor(
    /** What the message is made of: `asked: found. fix.` */
    readonly parts: ErrorParts,
    options?: { readonly cause?: unknown },
  ) {
    super(`${parts.asked}: ${parts.found}. ${parts.fix}.`, options);
  }
}

/** A broken invariant inside Espalier: never the user's fault. */
export class InternalError extends Error {
  /** Tells it from other errors where classes are not at hand. */
  override readonly name = 'InternalError';

  constructor(message: string, options?: { readonly cause?: unknown }) {
    super(`internal: ${message}`, options);
  }
}
