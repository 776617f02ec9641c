// The lines of a recipe that every strategy's page shows are read and name what they say.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { createWorkbench } from '../engine/workbench.js';
import { checkStrategies } from './check-strategies.js';
import { recipeSchema } from './schema.js';

const folder = fileURLToPath(new URL('../../../../docs/strategies', import.meta.url));
const pages = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.md'));
const block = /## In a recipe\n\n```yaml\n(.*?)```/s;
const part = z.looseObject({ steps: z.array(z.record(z.string(), z.unknown())).default([{}]) });

test.each(pages)('%s', async (page) => {
  const [, yaml] = block.exec(await readFile(join(folder, page), 'utf8')) ?? [];
  if (page.startsWith('family')) return expect(yaml).toBeUndefined();
  const { steps, ...rest } = part.parse(parse(yaml ?? ''));
  const whole = { model: 'm', data: 'tinytales', ...rest, steps: steps.map((step) => ({ target: '50%', ...step })) };
  const recipe = recipeSchema.parse(whole);
  checkStrategies(recipe, createWorkbench({ seed: 1 }).container, (path) => path.join('.'));
  expect(yaml).toContain(page.replace(/^.*[/\\]|\.md$/g, ''));
});
