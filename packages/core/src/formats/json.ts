// JSON from outside, read strictly: UTF-8 checked, nesting bounded, no key given twice in one object
// (JSON.parse would silently keep the last). What the values mean is left to the callers.
import type { z } from 'zod';
import { InputError } from '../errors.js';
import { readSmallFile } from './files.js';
import { quote } from './quote.js';

const maximumDepth = 64;
const damaged = 'The file is damaged or was not written by a Hugging Face tool: get it again from where it came';

/** Parses JSON bytes; `asked` opens the message of the InputError thrown for anything but strict JSON. */
export function parseJson(bytes: Uint8Array, asked: string): { readonly text: string; readonly value: unknown } {
  const fail = (found: string, cause?: unknown): InputError =>
    new InputError({ asked, found, fix: damaged }, { cause });
  let text: string;
  let value: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw fail('the JSON is not valid UTF-8', cause);
  }
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw fail('it is not valid JSON', cause);
  }
  const complaint = scanJson(text);
  if (complaint !== undefined) throw fail(complaint);
  return { text, value };
}

/** Reads and parses a JSON file of at most `maximumBytes` (100 MB when not given); throws InputError. */
export async function readJsonFile(
  path: string,
  asked: string,
  maximumBytes?: number,
): Promise<ReturnType<typeof parseJson>> {
  return parseJson(await readSmallFile(path, asked, maximumBytes), asked);
}

interface Frame {
  /** Where the container stands, as a JSON pointer without escapes. */
  readonly pointer: string;
  /** Keys so far; absent for a list. */
  readonly keys?: Set<string>;
  expectsKey: boolean;
  child: string | number;
}

/** Walks valid JSON text; returns what is wrong with it, and reports each number with its place and its spelling. */
export function scanJson(text: string, onNumber?: (pointer: string, spelling: string) => void): string | undefined {
  const stack: Frame[] = [];
  const pointer = (): string => {
    const top = stack.at(-1);
    return top === undefined ? '' : `${top.pointer}/${top.child}`;
  };
  for (let i = 0; i < text.length; i++) {
    const character = text.charAt(i);
    const top = stack.at(-1);
    if (character === '{' || character === '[') {
      if (stack.length >= maximumDepth) return `its values are nested more than ${maximumDepth} deep`;
      // Pointers cost time on a header with many tensors: only made where someone listens.
      const place = onNumber === undefined ? '' : pointer();
      stack.push(
        character === '{'
          ? { pointer: place, keys: new Set(), expectsKey: true, child: '' }
          : { pointer: place, expectsKey: false, child: 0 },
      );
    } else if (character === '}' || character === ']') {
      stack.pop();
    } else if (character === ',' && top !== undefined) {
      if (typeof top.child === 'number') top.child += 1;
      else top.expectsKey = true;
    } else if (character === '"') {
      const start = i++;
      for (; text.charAt(i) !== '"'; i++) if (text.charAt(i) === '\\') i++;
      if (top?.keys === undefined || !top.expectsKey) continue;
      const key = String(JSON.parse(text.slice(start, i + 1)));
      if (top.keys.has(key)) return `the key ${quote(key)} appears twice in one object`;
      top.keys.add(key);
      top.expectsKey = false;
      top.child = key;
    } else if (onNumber !== undefined && /[-0-9]/.test(character)) {
      const start = i;
      while (/[-+.eE0-9]/.test(text.charAt(i + 1))) i++;
      onNumber(pointer(), text.slice(start, i + 1));
    }
  }
  return undefined;
}

/** Whether a JSON value is an object, not a list. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The first thing a schema found wrong, for the middle of a message. */
export function firstIssue({ issues: [issue] }: z.ZodError): string {
  if (issue === undefined) return 'it has another form';
  return issue.path.length === 0 ? issue.message : `at ${quote(issue.path.join('.'))}: ${issue.message}`;
}
