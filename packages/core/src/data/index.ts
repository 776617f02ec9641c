// Text as batches of tokens.
export {
  packed,
  padded,
  padRows,
  takeDocuments,
  type BatchSize,
  type PromptedDocument,
  type TokenBatch,
  type TokenBatches,
  type TokenDocuments,
  type TrainingDocument,
  type TrainingDocuments,
} from './batches.js';
export type { ClozeTokens } from './cloze-tokens.js';
export {
  remembered,
  sourceBatches,
  type DataContext,
  type DataSource,
  type RememberedDocuments,
} from './data-source.js';
export { encodeDocument, encodePrompt, encodeTrainingDocument } from './documents.js';
