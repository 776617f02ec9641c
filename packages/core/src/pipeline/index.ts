// Stages joined by one event stream.
export type {
  FindingEvent,
  Json,
  MetricEvent,
  PipelineEvent,
  ProgressEvent,
  StageEvent,
  StageReport,
  WarningEvent,
} from './events.js';
export { adapt, type Fit } from './adapt.js';
export { CancelledError, Pipeline } from './pipeline.js';
export { stage, type Stage, type StageContext, type StageTools } from './stage.js';
export type { Subscriber } from './subscriber.js';
