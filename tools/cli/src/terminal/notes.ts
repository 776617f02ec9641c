// What is said on stderr, and the help: loaded before anything else, so that it stays small. Whatever a notice, a warning or an error shows
// passes here: what came from outside cannot drive the terminal, and what variables of the environment hold for recipes and plugins is not
// shown.
import { terminalLine, terminalText } from '@espalier/core/words';
import { redactor } from '@espalier/run/secrets';
import { verbosity } from './verbosity.js';

/** Text about the work without secrets, by their value and by their form. */
export function withoutSecrets(text: string): string {
  return redactor([], process.env)(text);
}

/** Shows lines on stderr as they are, for what must be read: errors. */
export function complain(...lines: readonly string[]): void {
  process.stderr.write(lines.map((line) => `${terminalLine(withoutSecrets(line))}\n`).join(''));
}

/** The same for what is good to know; not with --quiet. */
export function noteLines(...lines: readonly string[]): void {
  if (verbosity() !== 'quiet') complain(...lines);
}

/** Says a line on stderr, under the command's name, for what must be read: warnings. */
export function say(line: string): void {
  complain(`espalier: ${line}`);
}

/** The same for what is good to know; not with --quiet. */
export function inform(line: string): void {
  noteLines(`espalier: ${line}`);
}

/** Help and complaints of the command's parser, which have lines of their own. */
export const parserOutput = {
  writeOut: (text: string): void => void process.stdout.write(terminalText(text)),
  writeErr: (text: string): void => void process.stderr.write(terminalText(withoutSecrets(text))),
};
