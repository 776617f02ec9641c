// What a line of `events.ndjson` holds, as a schema: the definition that docs/events.md describes.
import type { Json, PipelineEvent } from '@espalier/core';
import { z } from 'zod';

const json: z.ZodType<Json> = z.json();
const stamp = {
  run: z.string().describe('the step of the run: teacher, width, width/distilled, …'),
  stage: z.string().describe('the stage, unique within the step: calibrate, distil, distil 2, …'),
  time: z.number().min(0).describe("milliseconds since the step's stages began"),
};
const count = z.number().int().min(0);

const schema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('stage-started'), ...stamp }),
  z.strictObject({ type: z.literal('stage-finished'), ...stamp }),
  z.strictObject({
    type: z.literal('progress'),
    done: count,
    total: count,
    unit: z.string(),
    part: z.string().exactOptional(),
    ...stamp,
  }),
  z.strictObject({ type: z.literal('metric'), name: z.string(), step: count, value: z.number(), ...stamp }),
  z.strictObject({ type: z.literal('warning'), message: z.string(), ...stamp }),
  z.strictObject({
    type: z.literal('finding'),
    name: z.string().exactOptional(),
    message: z.string(),
    data: json,
    ...stamp,
  }),
]);

/** An event of a run, as a line of the log holds it. */
export const eventSchema: z.ZodType<PipelineEvent> = schema;
/** The types of events, in the order of their documentation. */
export const eventTypes: readonly PipelineEvent['type'][] = schema.options.map(({ shape }) => shape.type.value);
