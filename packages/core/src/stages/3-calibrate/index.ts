// Stage 3: statistics of a model over a sample of text.
export type { Observation, ObservedRows, TapReader } from './observation.js';
export { statistic, type Statistics } from './statistics.js';
export { calibrate, calibrateBytes, collectStatistics } from './calibrate.js';
export { runsBackwards } from './calibrate-program.js';
export { modelHash } from './model-hash.js';
export { readStatistics, writeStatistics } from './statistics-file.js';
export { layerStatistics, layerSums, sequenceSum } from './layer-sums.js';
