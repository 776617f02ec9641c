// `espalier report`: the page of a run, made again from its events.
import { z } from 'zod';
import { writeReport } from '@espalier/run';
import { printJson, printLines } from '../terminal/print.js';

const schema = z.object({ json: z.boolean() });

/** Runs the verb with the flags that commander has parsed. */
export async function reportCommand(run: string, given: unknown): Promise<void> {
  const { json } = schema.parse(given);
  const report = await writeReport(run);
  if (json) printJson({ report });
  else printLines(report);
}
