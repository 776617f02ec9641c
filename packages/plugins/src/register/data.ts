// Sources of text by name, with their options.
import { dataSource } from '@espalier/core';
import { z } from 'zod';
import { teacherSource } from '../data/teacher.js';
import { textSource } from '../data/text.js';
import { tinyTalesSource } from '../data/tinytales.js';
import { count, share } from './options.js';

/** The data sources of this package. */
export const dataSources = [
  dataSource(tinyTalesSource),
  dataSource({
    name: 'text',
    summary: 'documents of a text, JSONL or Parquet file',
    options: z.strictObject({
      path: z.string(),
      format: z.enum(['text', 'jsonl', 'parquet']).optional(),
      split: z.enum(['lines', 'whole']).default('lines'),
      field: z.string().min(1).default('text'),
    }),
    create: textSource,
  }),
  dataSource({
    name: 'teacher',
    summary: 'text sampled from the teacher itself; needs no dataset',
    options: z.strictObject({
      length: count.optional(),
      batch: count.default(64),
      temperature: z.number().nonnegative().default(1),
      topP: share.default(1),
    }),
    create: teacherSource,
  }),
];
