// Stage 3: statistics of a model over a sample of text.
export type { Observation, ObservedRows, TapReader } from './observation.js';
export { statistic, type Statistics } from './statistics.js';
export { calibrateProgram, statisticName } from './calibrate-program.js';
export { calibrate, collectStatistics, type CalibrateOptions } from './calibrate.js';
