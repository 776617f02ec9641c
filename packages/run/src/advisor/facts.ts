// What the advisor looks at: a plan as plain data, whoever made it.

/** A shape, as far as advice depends on it. */
export interface ShapeFacts {
  /** All parameters, embeddings included. */
  readonly parameters: number;
  /** Number of transformer layers. */
  readonly layers: number;
  /** Width of the residual stream, in channels. */
  readonly hidden: number;
  /** Neurons of a feed-forward block. */
  readonly ffn: number;
  /** Query heads of a layer. */
  readonly heads: number;
}

/** What a loss looks at: the distributions over tokens, states inside the models, or the text alone. */
export type LossKind = 'logits' | 'intermediate' | 'language-model';

/** One step: a model becomes a smaller one. Whatever is left out is not judged. */
export interface StepFacts {
  /** Name of the step, by which advice refers to it. */
  readonly name: string;
  /** Shape of the source. */
  readonly from: ShapeFacts;
  /** Shape of the student. */
  readonly to: ShapeFacts;
  /** Whether the student begins as a part of its source, or from random weights. */
  readonly start?: 'pruned' | 'random';
  /** The kinds of loss that the student is trained by. */
  readonly losses: readonly LossKind[];
  /** Aggregation of activations behind the scores of width. */
  readonly aggregation?: {
    /** Over the sequences of the sample: `l2`, `mean`, `variance`. */
    readonly batch: string;
    /** Over the tokens of a sequence, which comes first: `l2`, `mean`, `variance`. */
    readonly sequence: string;
  };
  /** Name of the scorer of layers. */
  readonly layerScorer?: string;
  /** Times that importance is estimated anew while pruning. */
  readonly importanceRounds?: number;
  /** Shapes that are compared, and whether each is trained a little first. */
  readonly candidates?: {
    /** How many shapes. */
    readonly count: number;
    /** Whether each is trained a little before the choice. */
    readonly trained: boolean;
  };
  /** Whether the text is of the kind that the teacher was trained on. */
  readonly textLikePretraining?: boolean;
  /** Whether the teacher is trained on that text first. */
  readonly teacherCorrected?: boolean;
}

/** A plan, as far as published practice has something to say about it. */
export interface PlanFacts {
  /** In the order in which they are done; each begins with the student of the one before. */
  readonly steps: readonly StepFacts[];
  /** Which of its training phases the first source comes from, where it had several. */
  readonly sourcePhase?: 'last' | 'earlier';
  /** Other models of the family that could be the first source. */
  readonly otherSources?: readonly {
    /** How advice calls it. */
    readonly name: string;
    /** All parameters, embeddings included. */
    readonly parameters: number;
  }[];
}

/** One piece of advice, as data: what is seen, why it matters, what to do. */
export interface Advice {
  /** Name of the rule, kebab-case: `half-at-a-time`. */
  readonly rule: string;
  /** Name of the step it is about; absent when it is about the whole plan. */
  readonly step?: string;
  /** What the plan does. */
  readonly found: string;
  /** Why that is held against it, with the measurement where there is one. */
  readonly reason: string;
  /** What to do instead: a sentence without its full stop. */
  readonly fix: string;
  /** Where the finding was published. */
  readonly source: string;
}
