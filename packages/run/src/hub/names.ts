// Names that come from a hub or go to one, checked before any of them becomes a part of a path, and the simple patterns that files
// of a data set are chosen by.
import { InputError } from '@espalier/core';

const id = /^[A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*$/;
const longestId = 200;
const longestPath = 1024;
// Backslash, drive letter and device names mean something else on Windows; control characters and bidi marks hide what is written.
const notInPaths = /[\\:*?"<>|\p{Cc}\p{Cf}]/u;
const device = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/** Whether text has the form of a model's id: `OWNER/NAME`. The hub itself allows neither `..` nor `--`, which parts names of folders. */
export function isHubId(text: string): boolean {
  return text.length <= longestId && id.test(text) && !text.includes('..') && !text.includes('--');
}

/** The id of a data set written as `hub:OWNER/NAME` or `hf://datasets/OWNER/NAME`. */
export function hubDataset(text: string): string | undefined {
  const name = /^(?:hub:|hf:\/\/datasets\/)(.+)$/.exec(text)?.[1];
  return name !== undefined && isHubId(name) ? name : undefined;
}

/** Whether text is the id of a commit: 40 hexadecimal digits. */
export function isCommit(text: string): boolean {
  return /^[0-9a-f]{40}$/.test(text);
}

/** Whether a path stays below the folder that it is joined to, on every system: relative, `/` between its parts, none of them `..`. */
export function isPathBelow(path: string): boolean {
  if (path === '' || path.length > longestPath || notInPaths.test(path)) return false;
  return path
    .split('/')
    .every((part) => part !== '' && part !== '.' && part !== '..' && !/[. ]$/.test(part) && !device.test(part));
}

/** A path of the hub's listing that is safe to join. Throws `InputError` for any other. */
export function checkedPath(path: string, asked: string): string {
  if (isPathBelow(path)) return path;
  throw new InputError({
    asked,
    found: `the hub lists a file called ${JSON.stringify(path.slice(0, 200))}, which is no path within a folder`,
    fix: 'Do not use this repository; tell its owner',
  });
}

/** Whether a path matches a pattern: `*` and `?` within a folder, `**` across folders. Its time is bounded by both lengths multiplied. */
export function matchesPattern(path: string, pattern: string): boolean {
  const parts = pattern.match(/\*\*\/?|[\s\S]/gu) ?? [];
  const text = Array.from(path);
  // Places in the path where what was read of the pattern can end.
  let ends: readonly boolean[] = [true, ...text.map(() => false)];
  for (const part of parts) {
    const before = ends;
    const next: boolean[] = [];
    for (let at = 0; at <= text.length; at++) {
      const last = text[at - 1];
      if (part.startsWith('**')) next.push(before[at] === true || next[at - 1] === true);
      else if (part === '*') next.push(before[at] === true || (next[at - 1] === true && last !== '/'));
      else next.push(before[at - 1] === true && (part === '?' ? last !== '/' : last === part));
    }
    ends = next;
  }
  return ends.at(-1) === true;
}
