// Whatever a message holds, a terminal is not driven by it.
import { CancelledError, InputError, random, type PipelineEvent } from '@espalier/core';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { describeFailure } from '../errors.js';
import { createLiveView } from '../show/live-view.js';
import { createPlainView } from '../show/plain-view.js';
import { stamped } from '../testing/events.js';
import { noteLines, parserOutput, say } from './notes.js';
import { printJson, printLines, printText } from './print.js';

const nasty = [
  '\u001b[2J', '\u001b]0;owned\u0007', '\u001b]8;;http://x\u001b\\', '\u009b2J', '\u0090q\u009c', '\r', '\b\b', '\u007f',
  '\u202e', '\u2066', '\u200f', '\u061c', '\u2028', '\ufeff', '\u{e0041}', '\ud800', '\nespalier: done', '\0', '\v', '\f',
]; // prettier-ignore
const words = ['model', 'a', ' ', 'ключ', '日本', '👩‍👩‍👧', '"', '/', '%s', '`$(x)`'];
const unsafe = /[^\P{Control}\n]|\p{Bidi_Control}|[\u2028\u2029\uFEFF\u{E0000}-\u{E007F}]|\p{Surrogate}/u;

const stream = random(7);
const pick = <T>(list: readonly [T, ...T[]] | readonly T[]): T => list[stream.integer(list.length)] as T;
const hostile = (): string =>
  Array.from({ length: 1 + stream.integer(6) }, () => pick(stream.integer(2) === 0 ? nasty : words)).join('');

function printed(print: () => void): string {
  let text = '';
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((chunk) => {
      text += String(chunk);
      return true;
    }),
  );
  try {
    print();
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  return text;
}

/** Every way in which the command says something, of one text from outside. */
const ways: Readonly<Record<string, (text: string) => void>> = {
  'a result': (text) => printLines(text),
  JSON: (text) => printJson({ [text]: text }),
  'a notice': (text) => say(text),
  'a note': (text) => noteLines(text),
  'help and complaints of the parser': (text) => {
    parserOutput.writeOut(text);
    parserOutput.writeErr(text);
  },
  'bad input': (text) => noteLines(describeFailure(new InputError({ asked: text, found: text, fix: text })).text),
  'an interruption': (text) => noteLines(describeFailure(new CancelledError(text)).text),
  'a failure': (text) => noteLines(describeFailure(new Error(text)).text),
  'what is no error': (text) => noteLines(describeFailure(text).text),
  'an error of the system': (text) => {
    const error = Object.assign(new Error(text), { code: 'ENOENT', syscall: 'open', path: text });
    noteLines(describeFailure(error).text);
  },
  'a full disk': (text) =>
    noteLines(describeFailure(Object.assign(new Error(text), { code: 'ENOSPC', path: text })).text),
};

test.each(Object.entries(ways))('%s shows a hostile text as characters, whatever it is', (_name, print) => {
  for (let round = 0; round < 300; round++) {
    const text = hostile();
    expect(printed(() => print(text))).not.toMatch(unsafe);
  }
});

const events = (text: string): readonly PipelineEvent[] => [
  stamped(text, text, 0, { type: 'stage-started' }),
  stamped(text, text, 1, { type: 'warning', message: text }),
  stamped(text, text, 2, { type: 'finding', message: text, data: text }),
  stamped(text, text, 3, { type: 'metric', name: text, step: 1, value: 1 }),
  stamped(text, text, 20_000, { type: 'progress', done: 1, total: 2, unit: text }),
  stamped(text, text, 30_000, { type: 'stage-finished' }),
];

test('the plain view does so for every event', () => {
  for (let round = 0; round < 100; round++) {
    let text = '';
    let time = 0;
    const view = createPlainView((own) => (text += own), { now: () => (time += 20_000), later: () => () => undefined });
    for (const event of events(hostile())) view.show(event);
    expect(text).not.toMatch(unsafe);
  }
});

test('the live view writes its own codes and none of an event', () => {
  for (let round = 0; round < 100; round++) {
    let text = '';
    let time = 0;
    const terminal = { columns: 80, rows: 24, write: (own: string) => (text += own), on: () => 0, off: () => 0 };
    const options = { now: () => (time += 1000), later: () => () => undefined, capture: [], steps: [hostile()] };
    const view = createLiveView(terminal, options);
    for (const event of events(hostile())) view.show(event);
    view.stop();
    expect(text.replaceAll(/\u001b\[(\d+m|\d*[AKJ]|\?(25|2026)[hl])|\r/g, '')).not.toMatch(unsafe);
    expect(text).not.toContain('\u001b[2J');
  }
});

test('a text of a model is exact in a pipe and harmless on a terminal', () => {
  const written: string[] = [];
  for (const isTTY of [true, false])
    printText('a\u001b[2J\nb', { isTTY, write: (text) => written.push(String(text)) > 0 });
  expect(written).toEqual(['a\\u{1b}[2J\nb\n', 'a\u001b[2J\nb\n']);
});

test('JSON keeps its values', () => {
  const value = { text: hostile(), nested: nasty };
  expect(JSON.parse(printed(() => printJson(value)))).toEqual(value);
});

test('nothing else in the command writes to the streams', () => {
  const source = fileURLToPath(new URL('../', import.meta.url));
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.ts') && !/\.spec\.ts$|^testing/.test(name),
  );
  const writing = files.filter((name) =>
    /std(out|err)\.write\(|console\./.test(readFileSync(join(source, name), 'utf8')),
  );
  expect(writing.toSorted()).toEqual([join('terminal', 'notes.ts'), join('terminal', 'print.ts')]);
});
