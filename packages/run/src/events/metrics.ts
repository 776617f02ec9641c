// The metrics of a run by name. Strategies may report others, and docs/events.md lists those that only some trainings have.

export interface MetricDefinition {
  readonly unit: string;
  readonly meaning: string;
  /** The stage that reports it, or `any`. */
  readonly stage: string;
}

/** The metrics that every run has. */
export const metrics: Readonly<Record<string, MetricDefinition>> = {
  loss: {
    unit: 'as the loss',
    meaning: 'what the step minimised: for KL and cross-entropy nats per valid token, of the batch of that step',
    stage: 'distil',
  },
  gradientNorm: { unit: '–', meaning: 'global L2 norm of the gradients before clipping', stage: 'distil' },
  learningRate: { unit: '–', meaning: 'learning rate of the step', stage: 'distil' },
  memory: {
    unit: 'bytes',
    meaning: 'resident memory of the process; its `step` counts samples, one a second at most',
    stage: 'any',
  },
};
