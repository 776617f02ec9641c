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
    summary: 'documents of a UTF-8 text file',
    options: z.strictObject({ path: z.string(), split: z.enum(['lines', 'whole']).default('lines') }),
    create: textSource,
  }),
  dataSource({
    name: 'teacher',
    summary: 'text sampled from the teacher itself; needs no dataset',
    options: z.strictObject({
      length: count,
      batch: count.default(64),
      temperature: z.number().nonnegative().default(1),
      topP: share.default(1),
    }),
    create: teacherSource,
  }),
];
