// Text as batches of tokens.
export {
  packed,
  padded,
  padRows,
  takeDocuments,
  type BatchSize,
  type TokenBatch,
  type TokenBatches,
  type TokenDocuments,
} from './batches.js';
export { encodeDocument, remembered, sourceBatches, type DataContext, type DataSource } from './data-source.js';
