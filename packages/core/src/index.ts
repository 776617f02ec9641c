// The public API of @espalier/core: models, formats, data, stages, strategies. Graphs and backends are in index-graph.ts.
export { InputError, InternalError } from './errors.js';
export { expectClose, relativeError } from './close.js';
export { at, present } from './look-up.js';
export { ownValue } from './own-value.js';
export { random, type Random } from './random.js';
export { isAbsence, isDiskFailure, systemCode, systemWords } from './system-words.js';
export { terminalLine, terminalText } from './terminal-text.js';
export {
  attempt,
  checkSaveTarget,
  digestFile,
  encode,
  exists,
  listFolder,
  firstIssue,
  makeFolder,
  openModelFolder,
  openSafetensors,
  openTokenizer,
  readSmallText,
  regularFile,
  resolveInside,
  statVersion,
  syncFolder,
  writeAll,
  writeSafetensors,
  writeWhole,
  type Checkpoint,
  type FileDigest,
  type Tokenizer,
} from './formats/index.js';
export * from './model/index.js';
export * from './cost/index.js';
export * from './pipeline/index.js';
export * from './data/index.js';
export * from './generation/index.js';
export * from './stages/1-load/index.js';
export * from './stages/2-correct/index.js';
export * from './stages/3-calibrate/index.js';
export * from './stages/4-score/index.js';
export * from './stages/5-search/index.js';
export * from './stages/6-prune/index.js';
export * from './stages/7-distil/index.js';
export {
  checkEvaluators,
  evaluate,
  evaluateModel,
  evaluationContext,
  type Evaluation,
  type EvaluationContext,
  type EvaluationLengths,
  type EvaluationReading,
  type EvaluationSize,
  type EvaluationText,
  type Evaluator,
  type Measure,
  measuredBy,
  worseThanChance,
  type Measured,
} from './stages/8-evaluate/index.js';
export * from './stages/9-export/index.js';
export { transformWith, type Transform } from './stages/transform.js';
export * from './di/index.js';
