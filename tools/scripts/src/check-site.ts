// Follows every link of the built site, `site/`: run after typedoc by `npm run docs` and `npm run docs:check`.
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { deadLinks } from './site-links.js';

const site = path.resolve(import.meta.dirname, '../../../site');
const names = (await readdir(site, { recursive: true })).filter((name) => name.endsWith('.html'));
const pages = new Map<string, string>();
for (const name of names) pages.set(name.split(path.sep).join('/'), await readFile(path.join(site, name), 'utf8'));
const problems = deadLinks(pages, (file) => existsSync(path.join(site, file)));
for (const problem of problems) process.stderr.write(`site/${problem}\n`);
process.stdout.write(`site: ${pages.size} pages, ${problems.length} dead links\n`);
if (problems.length > 0 || pages.size === 0) process.exitCode = 1;
