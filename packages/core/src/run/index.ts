// Runs as folders: units of work with manifests, a lock, a log of events.
export {
  openNewestCheckpoint,
  saveCheckpoint,
  type CheckpointStoreOptions,
  type OpenCheckpoint,
  type StoredTraining,
} from './checkpoints.js';
export { digestFile, digestJson, type FileDigest } from './digest.js';
export { differences } from './difference.js';
export { readEventLog, type EventLog } from './event-log.js';
export { checkNotLocked, lockOwner, type LockOwner } from './lock.js';
export {
  clearRunFolder,
  findDamage,
  openRunFolder,
  runFiles,
  unitFolder,
  unitNames,
  verifyUnits,
  type RunFolder,
  type Unit,
  type UnitResult,
} from './run-folder.js';
export { readRunFile, writeJsonFile, writeTextFile } from './small-files.js';
