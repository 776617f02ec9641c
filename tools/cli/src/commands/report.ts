// `espalier report`: the page of a run, made again from its events.
import { z } from 'zod';
import { writeReport } from '@espalier/run';

const schema = z.object({ json: z.boolean() });

/** Runs the verb with the flags that commander has parsed. */
export function reportCommand(run: string, given: unknown): Promise<void> {
  const { json } = schema.parse(given);
  const report = writeReport(run);
  process.stdout.write(json ? `${JSON.stringify({ report }, null, 2)}\n` : `${report}\n`);
  return Promise.resolve();
}
