// Results on stdout, and events before a view shows them. With notes.ts the only way to the streams: what came from outside cannot drive
// the terminal, and what variables of the environment hold for recipes and plugins is not shown.
import type { PipelineEvent } from '@espalier/core';
import { terminalLine, terminalText } from '@espalier/core/words';
import { redactEvent, redactJson, withoutValues } from '@espalier/run/secrets';
import { z } from 'zod';
import { broken, screenColumns } from './columns.js';
import { withoutSecrets } from './notes.js';

/** An event without secrets. */
export function eventWithoutSecrets(event: PipelineEvent): PipelineEvent {
  return redactEvent(event, withoutSecrets);
}

/** Prints lines of a result on stdout; each stays one line, whatever it holds, and is broken between words where a terminal is narrower. */
export function printLines(...lines: readonly string[]): void {
  const told = withoutValues([], process.env);
  const columns = screenColumns(process.stdout);
  const shown = lines.flatMap((line) => broken(terminalLine(told(line)), columns));
  process.stdout.write(shown.map((line) => `${line}\n`).join(''));
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

const beyondJson =
  /[\u007F-\u009F\u00AD\u061C\u180E\u200B\u200E\u200F\u2028-\u202E\u2060-\u206F\uFEFF\uFFF9-\uFFFB\u{E0000}-\u{E007F}]/gu;

function escaped(character: string): string {
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
}
