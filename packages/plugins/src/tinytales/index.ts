// TinyTales: endless small stories in which one thing follows from another, a cloze task, and a tokenizer of their own.
export { clozeItems, type ClozeItem } from './cloze.js';
export { tales, type Split, type Topic } from './tale.js';
export { tokenizerFiles } from './tokenizer.js';

/** The folder of the bundled teacher and its tokenizer: a Hugging Face model. */
export const tinyTalesAssets = new URL('../../assets/tinytales/', import.meta.url);
