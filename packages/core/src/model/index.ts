// Models as named weights and graphs.
export {
  axisParts,
  describeArchitecture,
  hasPart,
  removedParts,
  weightShape,
  type Architecture,
  type AxisName,
  type LayerPart,
  type Rope,
  type WeightAxis,
  type WeightSpec,
} from './architecture.js';
export { decoderWeights } from './decoder-weights.js';
export { decoder, type DecoderInputs, type Tap, type TapName } from './decoder.js';
export { maskInputs, maskValues } from './masks.js';
export { type JsonObject, type ModelFamily } from './family.js';
export { inverseFrequencies } from './rope.js';
export { mutedCodec } from './muted-codec.js';
export { memoryWeights, weightSpecs, type Model, type TextCodec, type Weights } from './model.js';
export { partsOf, rowRanges, weightParts, type WeightPart } from './weight-parts.js';
export { fullPlan, planArchitecture, type HeadMerge, type PrunePlan } from './plan.js';
export { stateWeights, weightLookup, type ModelShape } from './state-weights.js';
export {
  createRunner,
  runsLayered,
  runsMapped,
  runnerWeights,
  type ModelRunner,
  type RunnerContext,
} from './model-runner.js';
export type { AllRuns, AllRunsOptions } from './layered-run.js';
