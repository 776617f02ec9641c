// Holds Espalier's tokenizer against the lines that tokenizers-nasty.py wrote: node tokenizers-compare.mjs GOLDENS FOLDER…
import { createReadStream } from 'node:fs';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { encodeDocument, openTokenizer } from '@espalier/core';

const [goldens, ...folders] = process.argv.slice(2);
const same = (a, b) => a.length === b.length && a.every((id, index) => id === b[index]);

for (const folder of folders) {
  const name = basename(folder);
  const tokenizer = await openTokenizer(folder);
  const wrong = { document: 0, ids: 0, decoded: 0 };
  let count = 0;
  let milliseconds = 0;
  for await (const line of createInterface({ input: createReadStream(join(goldens, `${name}.jsonl`)) })) {
    const { text, document, ids, decoded } = JSON.parse(line);
    count += 1;
    const start = performance.now();
    const own = tokenizer.encode(text);
    milliseconds += performance.now() - start;
    const differs = {
      ids: !same(own, ids),
      document: !same(encodeDocument(tokenizer, text), document),
      decoded: tokenizer.decode(ids) !== decoded,
    };
    for (const kind of Object.keys(wrong)) if (differs[kind]) wrong[kind] += 1;
    if ((differs.ids || differs.decoded) && wrong.ids + wrong.decoded <= Number(process.env.SHOW ?? 0)) {
      console.log(JSON.stringify({ text, ids, own, decoded, ours: tokenizer.decode(ids) }));
    }
  }
  console.log(`${name}: ${count} texts, ${Math.round(milliseconds)} ms; differences:`, JSON.stringify(wrong));
}
