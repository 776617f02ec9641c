// Named GPUs and what a plan would take on them, from a table that people can edit.
import { fileURLToPath } from 'node:url';
import { firstIssue, InputError, readSmallText } from '@espalier/core';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { plainYaml, yamlOptions } from '../recipe/plain-yaml.js';

const positive = z.number().positive();
const text = z.string().min(1);
const gpuSchema = z.strictObject({
  /** What it is called. */
  name: text,
  /** Bytes. */
  memory: positive,
  /** Peak of dense bfloat16 products, operations a second. */
  flops: positive,
  /** Of one GPU, in the table's currency; an example to be edited. */
  pricePerHour: z.number().nonnegative(),
  /** Where the figures are from. */
  source: text,
  /** When they were looked up, `2026-11`. */
  date: text,
});
const tableSchema = z.strictObject({
  /** Share of the peak that a training reaches, an assumption. */
  utilisation: positive.max(1),
  currency: text,
  gpus: z.array(gpuSchema).min(1),
});

/** GPUs, and what is assumed of all of them. */
export type GpuTable = z.infer<typeof tableSchema>;

const LIMIT = 2 ** 20;
const bundled = fileURLToPath(new URL('../../gpus.yaml', import.meta.url));

/** The table of a file, YAML or JSON; the bundled one when not given. Throws `InputError` for what is none. */
export async function readGpus(file: string = bundled): Promise<GpuTable> {
  const asked = `read the table of GPUs "${file}"`;
  const fix = 'Give a table as packages/run/gpus.yaml is one';
  const read = plainYaml(parseDocument(await readSmallText(file, asked, LIMIT), yamlOptions));
  if ('problem' in read) throw new InputError({ asked, found: read.problem.found, fix });
  const parsed = tableSchema.safeParse(read.value);
  if (parsed.success) return parsed.data;
  throw new InputError({ asked, found: firstIssue(parsed.error), fix }, { cause: parsed.error });
}

/** What a plan takes on a GPU. */
export interface GpuEstimate {
  readonly name: string;
  /** GPU-hours: operations / (peak · utilisation). */
  readonly hours: number;
  /** GPUs that together have the memory. */
  readonly devices: number;
  /** Hours · price, in the table's currency. */
  readonly cost: number;
}

/** The same for every GPU of a table, for so many operations and bytes of memory. */
export function gpuEstimates(
  { utilisation, gpus }: GpuTable,
  { flops, memory }: { readonly flops: number; readonly memory: number },
): readonly GpuEstimate[] {
  return gpus.map(({ name, memory: own, flops: peak, pricePerHour }) => {
    const hours = flops / (peak * utilisation) / 3600;
    return { name, hours, devices: Math.max(1, Math.ceil(memory / own)), cost: hours * pricePerHour };
  });
}
