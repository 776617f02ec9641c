// `npm run docs` renews what is made from code: generated blocks, pages of strategies, API reports, the JSON Schema of recipes; and follows every link in
// the readmes, CONTRIBUTING.md and docs/. `npm run docs:check` changes nothing and fails where something is out of date or a link
// leads nowhere. Both need a build; the site is typedoc's, made from the result, and its links are followed by check-site.ts.
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { apiEntries, apiReport } from './api-report.js';
import { checkDocs } from './check-docs.js';
import { commandsPage } from './commands-page.js';
import { describedRecipe } from './described-schema.js';
import { renderers } from './renderers.js';
import { recipePage } from './recipe-page.js';
import { strategyNames, strategyPages } from './strategy-pages.js';
import { lockSchema, thirdParty, thirdPartyPage } from './third-party.js';
import { format } from 'prettier';
import { recipeJsonSchema } from '@espalier/run';
import { exitCodeReferences, verbReferences } from '@espalier/cli';

const root = path.resolve(import.meta.dirname, '../../..');
const check = process.argv.includes('--check');
const own = (file: string): string => path.join(root, file);
const posix = (file: string): string => file.split(path.sep).join('/');

/** Files of a folder and below that end so; none where there is no folder. */
async function filesBelow(folder: string, ending: string): Promise<readonly string[]> {
  const below = existsSync(own(folder)) ? await readdir(own(folder), { recursive: true }) : [];
  return below.filter((name) => name.endsWith(ending)).map((name) => posix(path.join(folder, name)));
}

/** Writes files that differ, or tells that they do; those of the folder that are not among them go. */
async function keep(files: ReadonlyMap<string, string>, folder: string, ending: string): Promise<readonly string[]> {
  const stale = (await filesBelow(folder, ending)).filter((file) => !files.has(file));
  const changed: string[] = [...stale];
  for (const [file, text] of files) {
    if (existsSync(own(file)) && (await readFile(own(file), 'utf8')) === text) continue;
    changed.push(file);
    if (check) continue;
    await mkdir(path.dirname(own(file)), { recursive: true });
    await writeFile(own(file), text);
  }
  if (!check) for (const file of stale) await rm(own(file));
  return changed;
}

/** For editors: what a recipe may hold. */
const schemaFile = 'packages/run/recipe.schema.json';
const stepCode = await readFile(own('packages/run/src/steps/step-schema.ts'), 'utf8');
const recipeSchema = describedRecipe(recipeJsonSchema(), stepCode);
const schemaText = await format(JSON.stringify(recipeSchema), { parser: 'json', printWidth: 120 });

/** Other people's packages. */
const thirdPartyText = async (): Promise<string> => {
  const lock = lockSchema.parse(JSON.parse(await readFile(own('package-lock.json'), 'utf8')));
  return markdown(thirdPartyPage(thirdParty(lock, ['tools/cli'])));
};

const markdown = (text: string): Promise<string> =>
  format(text, { parser: 'markdown', printWidth: 120, singleQuote: true });

const reports = new Map<string, string>();
for (const entry of apiEntries) reports.set(`docs/api/${entry.report}.api.md`, await apiReport(root, entry));
const changed = [
  ...(await keep(reports, 'docs/api', '.api.md')),
  ...(await keep(await strategyPages(root), 'docs/strategies', '.md')),
  ...(await keep(new Map([[schemaFile, schemaText]]), path.dirname(schemaFile), '.schema.json')),
  ...(await keep(new Map([['docs/third-party.md', await thirdPartyText()]]), 'docs', '/third-party.md')),
  ...(await keep(
    new Map([['docs/commands.md', await markdown(commandsPage(verbReferences(), exitCodeReferences()))]]),
    'docs',
    '/commands.md',
  )),
  ...(await keep(
    new Map([['docs/recipe.md', await markdown(recipePage(recipeSchema, strategyNames()))]]),
    'docs',
    '/recipe.md',
  )),
];

const readmes = ['examples', 'tools/oracle', 'tools/tfjs-node'].map((folder) => `${folder}/README.md`);
const top = ['README.md', 'CONTRIBUTING.md', ...readmes].filter((page) => existsSync(own(page)));
const names = [...top, ...(await filesBelow('docs', '.md')).filter((name) => !name.endsWith('.api.md'))].sort();
const texts = new Map(await Promise.all(names.map(async (name) => [name, await readFile(own(name), 'utf8')] as const)));
const { renewed, problems } = await checkDocs(texts, renderers, (file) => existsSync(own(file)));
for (const [name, text] of renewed) {
  changed.push(name);
  if (!check) await writeFile(own(name), text);
}

if (check)
  for (const file of changed) problems.push(`${file}: out of date; run \`npm run docs\` and commit the result`);
for (const problem of problems) process.stderr.write(`${problem}\n`);
const count = check ? '' : `, ${changed.length} renewed`;
process.stdout.write(`docs: ${texts.size} pages, ${reports.size} API reports${count}, ${problems.length} problems\n`);
if (problems.length > 0) process.exitCode = 1;
