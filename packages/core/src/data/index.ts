// Text as batches of tokens.
export {
  batchList,
  documentIds,
  ofSize,
  packed,
  padded,
  padRows,
  prompted,
  takeDocuments,
  type BatchSize,
  type PackedSize,
  type SizedBatches,
  type TokenBatch,
  type TokenBatches,
  type TokenDocuments,
  type TrainingDocument,
  type TrainingDocuments,
  type WeightedDocument,
} from './batches.js';
export type { ClozeTokens } from './cloze-tokens.js';
export {
  remembered,
  sourceBatches,
  type DataContext,
  type DataSource,
  type OpenData,
  type RememberedDocuments,
} from './data-source.js';
export { encodeDocument, encodePrompt, encodeTrainingDocument } from './documents.js';
export { documentHash, documentHashes, holdBack, leastHashes, withoutHeldOut, type HeldBack } from './hold-back.js';
export { mixData, type WeightedData } from './mix-data.js';
export { openDocuments, openStream, passes, type StreamOptions } from './open-data.js';
