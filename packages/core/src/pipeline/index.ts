// Stages joined by one event stream.
export type { MetricEvent, Json, PipelineEvent, StageReport, Watch } from './events.js';
export { CancelledError, Pipeline } from './pipeline.js';
export { stage, type Stage, type StageContext, type StageTools } from './stage.js';
export type { Subscriber } from './subscriber.js';
export { finiteResult } from './finite.js';
