// What the command needs of secrets wherever it prints: an entry point of its own, as the rest of the package takes a while to load.
export { redactEvent, redactJson, redactor, withoutValues } from './redact.js';
