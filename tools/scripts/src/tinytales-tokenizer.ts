// Writes the TinyTales tokenizer into the plugins package: `node tools/scripts/dist/tinytales-tokenizer.js`.
// Run it after a change to the words or sentences of TinyTales; a model trained before does not fit the new tokenizer.
import { mkdir, writeFile } from 'node:fs/promises';
import { tinyTalesAssets, tokenizerFiles } from '@espalier/plugins';

await mkdir(tinyTalesAssets, { recursive: true });
for (const [name, text] of Object.entries(tokenizerFiles())) {
  await writeFile(new URL(name, tinyTalesAssets), text);
  process.stdout.write(`${name}: ${text.length} characters\n`);
}
