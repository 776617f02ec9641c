#!/usr/bin/env node
// The `espalier` command. It is committed as plain JavaScript so that npm can link it before anything is built.
import { existsSync } from 'node:fs';

const main = new URL('../dist/main.js', import.meta.url);

if (existsSync(main)) {
  await import(main.href);
} else {
  process.stderr.write('espalier: not built yet; run `npm run build` in the repository first.\n');
  process.exitCode = 1;
}
