// Where text comes from, as a recipe says it: by name alone, with more about it, or several texts with weights.
import type { Json } from '@espalier/core';
import { z } from 'zod';
import { like } from '../steps/like.js';

const text = z.string().min(1);

const dataFields = {
  source: text.describe('A file, a folder, a pattern of files, a source by name, "-" for stdin, or hub:OWNER/NAME'),
  revision: text.exactOptional().describe('Branch, tag or commit of a hub dataset').meta(like('main')),
  files: text
    .exactOptional()
    .describe('Which files of a folder or hub dataset, as a pattern')
    .meta(like('data/train-*.parquet')),
  options: z.never('write the options beside the source: { source: text, path: corpus.txt }').exactOptional(),
};
const dataOptions = z.json().describe('Options: of files format, split, field and end; of a source by name its own');
const dataObject = z
  .object(dataFields)
  .catchall(dataOptions)
  .transform(({ options: _none, ...own }) => own)
  .describe('Where text comes from');
const weightedObject = z
  .object({
    ...dataFields,
    weight: z
      .number()
      .positive()
      .default(1)
      .describe(
        'In a list: how much of the tokens is of this text; of weights 3 and 1, three quarters are of the first',
      ),
  })
  .catchall(dataOptions)
  .transform(({ options: _none, ...own }) => own)
  .describe('One text of several');

/** Text by name alone, or with what else there is to say about it. */
export const dataSchema: z.ZodType<DataSpec, string | DataSpec> = z.union([
  text.transform((source) => ({ source })),
  dataObject,
]);

/** The same, or several texts, each with a weight. */
export const textsSchema: z.ZodType<DataSpec | readonly WeightedText[], DataInput> = z.union([
  text.transform((source) => ({ source })),
  dataObject,
  z
    .array(z.union([text.transform((source) => ({ source, weight: 1 })), weightedObject]))
    .min(1)
    .describe('Several texts, mixed by weight; a part of each is held back'),
]);

/** One text of several. */
export type WeightedText = DataSpec & {
  /** Above 0; what share of the tokens is of this text, beside the weights of the others. */
  readonly weight: number;
};
type DataInput = string | DataSpec | readonly (string | DataSpec)[];

/** The texts that data is made of. */
export function textsOf(data: DataSpec | readonly WeightedText[]): readonly DataSpec[] {
  return isMix(data) ? data.map(({ weight: _weight, ...own }) => own) : [data];
}

/** Whether data is several texts. */
export function isMix(data: DataSpec | readonly WeightedText[]): data is readonly WeightedText[] {
  return Array.isArray(data);
}

/** Where text comes from. A type, not an interface: it goes into manifests. */
export type DataSpec = {
  /** A file, a folder, a pattern of files, a source by name, `-`, or `hub:OWNER/NAME`. */
  readonly source: string;
  /** Of a hub dataset. */
  readonly revision?: string;
  /** Of a hub dataset. */
  readonly files?: string;
  /** Options of files or of the source. */
  readonly [option: string]: Json | undefined;
};
