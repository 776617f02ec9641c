// `npm run size`: source files by line count, longest last, with the median and the longest of each package, of all sources and of specs.
// Fails where a source is too long; `--check` lists those only.
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { at } from '@espalier/core';

const root = path.resolve(import.meta.dirname, '../../..');

/** A file that needs more should be two. */
const MOST_LINES = 400;

interface Size {
  readonly file: string;
  readonly lines: number;
}

/** Every TypeScript file below `src` of the packages in a folder such as `packages`. */
async function sizes(folder: string): Promise<Size[]> {
  const entries = await readdir(path.join(root, folder), { recursive: true });
  const files = entries
    .filter((file) => /^[^/\\]+[/\\]src[/\\].*\.ts$/.test(file))
    .map((file) => path.join(folder, file));
  return await Promise.all(
    files.map(async (file) => ({
      file,
      lines: (await readFile(path.join(root, file), 'utf8')).split('\n').length - 1,
    })),
  );
}

/** One line such as `sources: 40 files, 4012 lines, median 98, longest 240`. */
function summary(title: string, list: readonly Size[]): string {
  const lines = list.map((size) => size.lines).sort((a, b) => a - b);
  const total = lines.reduce((sum, count) => sum + count, 0);
  const median = at(lines, lines.length >> 1);
  return `${title}: ${list.length} files, ${total} lines, median ${median}, longest ${at(lines, -1)}\n`;
}

const all = [...(await sizes('packages')), ...(await sizes('tools'))].sort((a, b) => a.lines - b.lines);
const specs = all.filter((size) => size.file.endsWith('.spec.ts'));
const sources = all.filter((size) => !size.file.endsWith('.spec.ts'));
const tooLong = sources.filter(({ lines }) => lines > MOST_LINES);
if (process.argv.includes('--check')) {
  for (const { file, lines } of tooLong)
    process.stderr.write(`${file} has ${lines} lines, at most ${MOST_LINES} are allowed\n`);
} else {
  for (const { file, lines } of sources) process.stdout.write(`${String(lines).padStart(5)}  ${file}\n`);
  const packageOf = ({ file }: Size): string => file.split(path.sep).slice(0, 2).join('/');
  for (const name of new Set(sources.map(packageOf))) {
    process.stdout.write(
      summary(
        name,
        sources.filter((own) => packageOf(own) === name),
      ),
    );
  }
}
process.stdout.write(summary('sources', sources) + summary('specs', specs));
if (tooLong.length > 0) process.exitCode = 1;
