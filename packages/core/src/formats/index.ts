// Checkpoint formats: safetensors files, Hugging Face model folders, tokenizers. (ONNX has an entry of its own.)
export { decode, encode, isFloatType, isStorageType, storageSizes } from './storage-type.js';
export { joinCheckpoints, openSafetensors, type Checkpoint } from './safetensors/checkpoint.js';
export { tensorBytes } from './safetensors/header.js';
export { tensorsOf, type TensorSource } from './safetensors/source.js';
export { writeSafetensors } from './safetensors/write.js';
export { openCarriedFiles, openModelFolder, type CarriedFiles } from './hugging-face/model-folder.js';
export { checkSaveTarget, saveModelFolder, type SaveRequest } from './hugging-face/save.js';
export { openTokenizer, type Tokenizer } from './tokenizer.js';
export { attempt, exists, syncFolder, writeAll, writeWhole } from './files.js';
