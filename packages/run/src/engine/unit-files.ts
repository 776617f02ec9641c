// The JSON files of units and checkpoints by name, for whoever reads a run folder without going on with it.
import { positionSchema } from '../folder/checkpoints.js';
import { exportedSchema } from './export.js';
import { results } from './measure.js';
import { samplesSchema } from './samples.js';
import { documentsSchema } from './session.js';
import { planSchema, scoresSchema } from './shape.js';
import { recordSchema, speedSchema } from './train.js';
import { rungsSchema } from './trial-store.js';

/** What each file holds. */
export const unitFiles = {
  'documents.json': documentsSchema,
  'evaluation.json': results,
  'exported.json': exportedSchema,
  'measured.json': speedSchema,
  'plan.json': planSchema,
  'position.json': positionSchema,
  'record.json': recordSchema,
  'rungs.json': rungsSchema,
  'samples.json': samplesSchema,
  'scores.json': scoresSchema,
} as const;
