// Checkpoint formats: safetensors files, Hugging Face model folders, tokenizers. (ONNX has an entry of its own.)
export {
  decode,
  encode,
  isFloatType,
  isStorageType,
  storageSizes,
  type FloatType,
  type StorageType,
} from './storage-type.js';
export { checkFiniteBytes, checkFiniteValues, encodeFinite, firstNotFiniteValue, type NamedWeight } from './finite.js';
export {
  joinCheckpoints,
  openSafetensors,
  type Checkpoint,
  type ElementRange,
  type FilePlace,
} from './safetensors/checkpoint.js';
export { tensorBytes, type TensorInfo } from './safetensors/header.js';
export { bytesInPieces, type Pieces, type TensorSource } from './safetensors/source.js';
export { writeSafetensors } from './safetensors/write.js';
export {
  openCarriedFiles,
  openModelFolder,
  readModelConfig,
  type CarriedFiles,
  type ModelFolder,
} from './hugging-face/model-folder.js';
export { checkSaveTarget, saveModelFolder, type SaveRequest, type SaveTarget } from './hugging-face/save.js';
export { openTokenizer, type Tokenizer } from './tokenizer/open.js';
export { resolveInside } from './hugging-face/folder-files.js';
export { firstIssue } from './json.js';
export { digestFile, type FileDigest } from './digest-file.js';
export {
  attempt,
  exists,
  listFolder,
  makeFolder,
  readSmallFile,
  readSmallText,
  regularFile,
  statVersion,
  syncFolder,
  writeAll,
  writeWhole,
} from './files.js';
