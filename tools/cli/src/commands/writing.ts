// Flags of verbs that write text with a model.
import { z } from 'zod';

/** How text is written, by which model, on what. */
export const writingFlags = z.object({
  revision: z.string().optional(),
  offline: z.boolean().default(false),
  maxNewTokens: z.number(),
  temperature: z.number(),
  topP: z.number(),
  seed: z.number(),
  threads: z.number().optional(),
  backend: z.string(),
  plugin: z.array(z.string()).default([]),
});
