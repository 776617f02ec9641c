// Text files as documents.
import { pathOption, strategy } from '@espalier/core';
import { z } from 'zod';
import { openText } from './text/open-text.js';
import { textSpec } from './text/text-spec.js';
import { openTexts } from './text/texts.js';

/** Documents of a text, JSONL or Parquet file; a part of them, told by its content, is held out. Opening throws `InputError` for what cannot be read. */
export const textSource = strategy('data', {
  name: 'text',
  summary: 'documents of a text, JSONL or Parquet file',
  options: z.strictObject({
    path: pathOption().describe('the file'),
    ...textSpec.shape,
  }),
  create: ({ path, ...spec }) => ({
    layout: 'packed',
    async check() {
      await openTexts([path], spec);
    },
    open: (context) => openText({ name: path, files: [path], ...spec }, context),
  }),
});
