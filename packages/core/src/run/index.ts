// Runs as folders: units of work with manifests, a lock, a log of events.
export { openNewestCheckpoint, saveCheckpoint, type OpenCheckpoint } from './checkpoints.js';
export { digestFile, digestJson } from './digest.js';
export { differences } from './difference.js';
export { readEventLog } from './event-log.js';
export { checkNotLocked, lockOwner } from './lock.js';
export {
  clearRunFolder,
  findDamage,
  openRunFolder,
  runFiles,
  unitFolder,
  unitNames,
  verifyUnits,
  type RunFolder,
  type UnitResult,
} from './run-folder.js';
export { readRunFile, writeJsonFile, writeTextFile } from './small-files.js';
