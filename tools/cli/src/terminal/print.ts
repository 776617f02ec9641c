// The only way to stdout and stderr: whatever a command, a view, a warning or an error shows passes here, what came from outside cannot
// drive the terminal, and what variables of the environment hold for recipes and plugins is not shown.
import { terminalLine, terminalText, type PipelineEvent } from '@espalier/core';
import { redactEvent, redactJson, redactor, withoutValues } from '@espalier/run/secrets';
import { z } from 'zod';

/** Text about the work without secrets, by their value and by their form. */
export function withoutSecrets(text: string): string {
  return redactor([], process.env)(text);
}

/** An event without them. */
export function eventWithoutSecrets(event: PipelineEvent): PipelineEvent {
  return redactEvent(event, withoutSecrets);
}

/** Prints lines of a result on stdout; each stays one line, whatever it holds. */
export function printLines(...lines: readonly string[]): void {
  const told = withoutValues([], process.env);
  process.stdout.write(lines.map((line) => `${terminalLine(told(line))}\n`).join(''));
}

/** Prints a result as JSON on stdout. */
export function printJson(value: unknown): void {
  const told = redactJson(z.json().parse(JSON.parse(JSON.stringify(value))), withoutValues([], process.env));
  // JSON escapes what is below U+0020 by itself; the rest is escaped here, which leaves the value the same.
  process.stdout.write(`${JSON.stringify(told, null, 2).replace(beyondJson, escaped)}\n`);
}

/** Prints a text that a model wrote on stdout: exactly as it is, unless a terminal shows it. */
export function printText(text: string, stream: Pick<NodeJS.WriteStream, 'isTTY' | 'write'> = process.stdout): void {
  stream.write(`${stream.isTTY ? terminalText(text) : text}\n`);
}

/** Prints a part of a text that a model is writing on stdout, without an end of line. */
export function printPart(text: string, stream: Pick<NodeJS.WriteStream, 'isTTY' | 'write'> = process.stdout): void {
  stream.write(stream.isTTY ? terminalText(text) : text);
}

/** Shows lines on stderr as they are, for what is ours. */
export function noteLines(...lines: readonly string[]): void {
  process.stderr.write(lines.map((line) => `${terminalLine(withoutSecrets(line))}\n`).join(''));
}

/** Says a line on stderr, under the command's name. */
export function say(line: string): void {
  noteLines(`espalier: ${line}`);
}

/** Help and complaints of the command's parser, which have lines of their own. */
export const parserOutput = {
  writeOut: (text: string): void => void process.stdout.write(terminalText(text)),
  writeErr: (text: string): void => void process.stderr.write(terminalText(withoutSecrets(text))),
};

const beyondJson =
  /[\u007F-\u009F\u00AD\u061C\u180E\u200B\u200E\u200F\u2028-\u202E\u2060-\u206F\uFEFF\uFFF9-\uFFFB\u{E0000}-\u{E007F}]/gu;

function escaped(character: string): string {
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
}
