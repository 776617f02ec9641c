// Schemas of options that several strategies have.
import { z } from 'zod';

/** A number of things: at least 1. */
export const count = z.int().positive();
/** A share of a whole, above 0 and at most 1. */
export const share = z.number().positive().max(1);
