// TinyTales: endless small stories with a world behind them, a cloze task, and a tokenizer of their own.
export { clozeItems, type ClozeItem } from './cloze.js';
export { topics, type Topic } from './questions.js';
export { type Split } from './scene.js';
export { tale, taleLength, tales, type Tale } from './tale.js';
export { tokenizerFiles } from './tokenizer.js';

/** The folder of the committed tokenizer. */
export const tinyTalesAssets = new URL('../../assets/tinytales/', import.meta.url);

/** The folder of the bundled teacher: a Hugging Face model with that tokenizer. */
export const tinyTalesTeacher = tinyTalesAssets;
