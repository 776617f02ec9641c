// What a comparison leaves behind: rows of one table, as `summary.json` holds them.

/** One model of the comparison. */
export interface SummaryRow {
  /** `teacher`, or method and training: `width/pruned`, `depth/distilled`, … */
  readonly name: string;
  /** Embeddings included. */
  readonly parameters: number;
  readonly nonEmbeddingParameters: number;
  /** Mean cross-entropy per token of the evaluation text, in nats. */
  readonly loss: number;
  /** 95% confidence interval of the loss over documents, where there is more than one. */
  readonly lossConfidence?: readonly [number, number];
  readonly perplexity: number;
  /** Share of right answers, where the data has a cloze task. */
  readonly cloze?: {
    readonly accuracy: number;
    readonly chance: number;
    readonly n: number;
    /** 95% confidence interval (Wilson). */
    readonly confidence: readonly [number, number];
  };
  /** Tokens per second of a forward pass on this machine. */
  readonly tokensPerSecond: number;
  /** Tokens trained on after pruning. */
  readonly trainingTokens: number;
}

export interface Summary {
  readonly rows: readonly SummaryRow[];
  readonly seed: number;
  readonly versions: Readonly<Record<string, string>>;
}
