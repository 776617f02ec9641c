// What the advisor looks at: a plan as plain data, whoever made it.

/** A shape, as far as advice depends on it. */
export interface ShapeFacts {
  /** Embeddings included. */
  readonly parameters: number;
  readonly layers: number;
  readonly hidden: number;
  readonly ffn: number;
  readonly heads: number;
}

/** What a loss looks at: the distributions over tokens, states inside the models, or the text alone. */
export type LossKind = 'logits' | 'intermediate' | 'language-model';

/** One step: a model becomes a smaller one. Whatever is left out is not judged. */
export interface StepFacts {
  readonly name: string;
  readonly from: ShapeFacts;
  readonly to: ShapeFacts;
  /** Whether the student begins as a part of its source, or from random weights. */
  readonly start?: 'pruned' | 'random';
  readonly losses: readonly LossKind[];
  /** Aggregation of activations behind the scores of width. */
  readonly aggregation?: { readonly batch: string; readonly sequence: string };
  /** Name of the scorer of layers. */
  readonly layerScorer?: string;
  /** Times that importance is estimated anew while pruning. */
  readonly importanceRounds?: number;
  /** Shapes that are compared, and whether each is trained a little first. */
  readonly candidates?: { readonly count: number; readonly trained: boolean };
  /** Whether the text is of the kind that the teacher was trained on. */
  readonly textLikePretraining?: boolean;
  /** Whether the teacher is trained on that text first. */
  readonly teacherCorrected?: boolean;
}

export interface PlanFacts {
  readonly steps: readonly StepFacts[];
  /** Which of its training phases the first source comes from, where it had several. */
  readonly sourcePhase?: 'last' | 'earlier';
  /** Other models of the family that could be the first source. */
  readonly otherSources?: readonly { readonly name: string; readonly parameters: number }[];
}

/** One piece of advice, as data: what is seen, why it matters, what to do. */
export interface Advice {
  readonly rule: string;
  /** Name of the step it is about; absent when it is about the whole plan. */
  readonly step?: string;
  /** What the plan does. */
  readonly found: string;
  /** Why that is held against it, with the measurement where there is one. */
  readonly reason: string;
  readonly fix: string;
  /** Where the finding was published. */
  readonly source: string;
}
