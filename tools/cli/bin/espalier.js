#!/usr/bin/env node
// The `espalier` command. It is committed as plain JavaScript so that npm can link it before anything is built.
import { existsSync } from 'node:fs';

const main = new URL('../dist/main.js', import.meta.url);

/** Verbs that load libraries, read or measure before they have something to show. */
const slow = [
  ...['demo', 'compress', 'plan', 'resume', 'calibrate', 'score', 'search', 'prune', 'distil', 'distill'],
  ...['evaluate', 'pretrain', 'generate', 'export', 'doctor', 'devices'],
];
const [verb, ...others] = process.argv.slice(2);
// Said before anything is loaded, and on a terminal only: nobody is to look at a still screen.
if (
  process.stderr.isTTY &&
  slow.includes(verb) &&
  !others.some((own) => /^(-h|--help|--help-all|-q|--quiet)$/.test(own))
)
  process.stderr.write(`espalier ${verb}: begins (Ctrl-C ends it in good order)\n`);

if (existsSync(main)) {
  await import(main.href).catch((error) => {
    const reason = error instanceof Error && 'code' in error ? error.code : String(error);
    process.stderr.write(
      `espalier: its own files cannot be read (${reason}). Allow more open files (ulimit -n 1024), or install it anew.\n`,
    );
    process.exitCode = 1;
  });
} else {
  process.stderr.write('espalier: not built yet; run `npm run build` in the repository first.\n');
  process.exitCode = 1;
}
