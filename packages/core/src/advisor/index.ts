// The advisor: published practice held against a plan.
export { advise, describeAdvice } from './advise.js';
export type { LossKind, PlanFacts, ShapeFacts, StepFacts } from './facts.js';
