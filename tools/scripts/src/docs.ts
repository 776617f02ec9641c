// `npm run docs` renews generated blocks and checks links in README.md, CONTRIBUTING.md and docs/;
// `npm run docs:check` changes nothing and fails where a block is out of date or a link leads nowhere.
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { checkDocs } from './check-docs.js';
import { renderers } from './renderers.js';

const root = path.resolve(import.meta.dirname, '../../..');
const check = process.argv.includes('--check');

/** Pages relative to the repository root, in a stable order. */
async function pages(): Promise<string[]> {
  const top = ['README.md', 'CONTRIBUTING.md'].filter((page) => existsSync(path.join(root, page)));
  const docs = path.join(root, 'docs');
  const below = existsSync(docs) ? await readdir(docs, { recursive: true }) : [];
  return [...top, ...below.filter((name) => name.endsWith('.md')).map((name) => path.join('docs', name))].sort();
}

const names = await pages();
const texts = new Map(
  await Promise.all(names.map(async (name) => [name, await readFile(path.join(root, name), 'utf8')] as const)),
);
const { renewed, problems } = await checkDocs(texts, renderers, (file) => existsSync(path.join(root, file)));

for (const [name, text] of renewed) {
  if (check) problems.push(`${name}: a generated block is out of date; run \`npm run docs\` and commit the result`);
  else await writeFile(path.join(root, name), text);
}
for (const problem of problems) process.stderr.write(`${problem}\n`);
const changed = check ? '' : `, ${renewed.size} renewed`;
process.stdout.write(`docs: ${texts.size} pages${changed}, ${problems.length} problems\n`);
if (problems.length > 0) process.exitCode = 1;
