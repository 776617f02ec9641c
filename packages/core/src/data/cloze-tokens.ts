// Questions that come with a text.

/** One question: what comes after the prompt. */
export interface ClozeTokens {
  /** Token ids, beginning with the token that begins a text where the model has one. */
  readonly prompt: readonly number[];
  /** Token ids, one for each choice. */
  readonly choices: readonly number[];
  /** 0-based index of the right choice. */
  readonly answer: number;
}
