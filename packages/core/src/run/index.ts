// Runs as folders: units of work with manifests, a lock, a log of events.
export {
  checkpointNames,
  openNewestCheckpoint,
  saveCheckpoint,
  type CheckpointStoreOptions,
  type OpenCheckpoint,
  type StoredTraining,
} from './checkpoints.js';
export { canonicalJson, digestFile, digestJson, type FileDigest } from './digest.js';
export { differences } from './difference.js';
export { openEventLog, readEventLog, type EventLog } from './event-log.js';
export { checkNotLocked, lockOwner, type LockOwner } from './lock.js';
export { damages, manifestName, readManifest, type Manifest } from './manifest.js';
export {
  clearRunFolder,
  openRunFolder,
  runFiles,
  unitFolder,
  unitHash,
  unitNames,
  verifyUnits,
  type RunFolder,
  type Unit,
  type UnitResult,
} from './run-folder.js';
export { readRunFile, writeJsonFile, writeTextFile } from './small-files.js';
export { checkSpace } from './space.js';
