// What the command needs of this package before it works, to say what is wrong: an entry point of its own, as the rest takes a while to load.
export { InputError } from './errors.js';
export { systemWords } from './system-words.js';
export { terminalLine, terminalText } from './terminal-text.js';
