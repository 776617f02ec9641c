// How files of text are read: options of the source `text`, and of files that a recipe names as its data.
import { z } from 'zod';

/** How files become documents. */
export const textSpec = z.strictObject({
  format: z
    .enum(['text', 'jsonl', 'parquet'])
    .exactOptional()
    .describe('by the ending of the file when not given; jsonl is a record a line, or an array of records'),
  split: z
    .enum(['lines', 'whole'])
    .default('lines')
    .describe('whether every line of a text is a document, or the file is one'),
  field: z.string().min(1).default('text').describe('which field of JSON, or column of Parquet, holds the text'),
  end: z
    .boolean()
    .default(true)
    .describe('whether documents that are trained on end in the token that ends a document, where the model has one'),
});
