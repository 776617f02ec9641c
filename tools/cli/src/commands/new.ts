// `espalier new plugin`: a package of one's own, with a strategy that works and a test that checks it.
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { InputError, makeFolder, nearest } from '@espalier/core';
import { kinds, nameProblem, packageFiles } from '@espalier/generators';
import { z } from 'zod';
import { printJson, printLines } from '../terminal/print.js';

const schema = z.object({
  name: z.string(),
  kind: z.array(z.string()).min(1),
  out: z.string().optional(),
  json: z.boolean(),
});

/** Writes the package's folder. Throws `InputError` for a name that is no package's, or a folder that is there. */
export async function newPluginCommand(given: unknown): Promise<void> {
  const { name, kind, out = name, json } = schema.parse(given);
  const asked = `make plugin "${name}"`;
  const wanted = [...new Set(kind)].map((own) => kindOf(own, asked));
  const problem = nameProblem(name);
  if (problem !== undefined) throw new InputError({ asked, found: problem, fix: 'Choose another name' });
  if (existsSync(out))
    throw new InputError({ asked, found: `${out} is there already`, fix: 'Give --out another folder' });
  const { version: core } = z
    .object({ version: z.string() })
    .parse(createRequire(import.meta.url)('@espalier/core/package.json'));
  const short = name.replace(/^espalier-plugin-/, '');
  const strategies = wanted.map((own) => ({ kind: own, name: wanted.length === 1 ? short : `${short}-${own}` }));
  const ours = ['core', 'testing', ...(wanted.includes('family') ? ['plugins'] : [])].map((own) => `@espalier/${own}`);
  const files = [...packageFiles({ name, strategies, core })];
  for (const [file, text] of files) {
    await makeFolder(path.dirname(path.join(out, file)));
    await writeFile(path.join(out, file), text);
  }
  if (json) return printJson({ plugin: out, files: files.map(([file]) => file) });
  printLines(
    `${out}: npm install && npm test && npm pack`,
    `From a checkout of Espalier, first: npm pack ${ours.map((own) => `-w ${own}`).join(' ')} there, and npm install the .tgz files here.`,
    `Then: espalier compress --plugin ./${out}/src/index.ts …, or --plugin ${name} where it is installed`,
  );
}

/** The kind of that name. Throws `InputError` with the nearest where there is none. */
function kindOf(text: string, asked: string): (typeof kinds)[number] {
  const found = kinds.find((own) => own === text);
  if (found !== undefined) return found;
  const guess = nearest(text, kinds);
  const fix = guess === undefined ? 'Name one of these' : `Perhaps "${guess}" was meant`;
  throw new InputError({ asked, found: `there is no kind "${text}"; a package may bring ${kinds.join(', ')}`, fix });
}
