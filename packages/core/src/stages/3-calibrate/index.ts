// Stage 3: statistics of a model over a sample of text.
export type { Observation, ObservedRows, TapReader } from './observation.js';
export { statistic, withoutFold, type FoldCount, type Statistics } from './statistics.js';
export { modelHash, watchedWeights, type WatchedWeights } from './model-hash.js';
export { calibrateProgram, statisticName, type CalibrateSize } from './calibrate-program.js';
export { calibrate, collectStatistics, type CalibrateOptions } from './calibrate.js';
export { checkStatistics, readStatistics, writeStatistics } from './statistics-file.js';
export { layerStatistics, layerSums, perLayer, sequenceSum } from './layer-sums.js';
