// Subscribers by name, with their options.
import { subscriber } from '@espalier/core';
import { z } from 'zod';
import { tensorBoard } from '../subscribers/tensorboard.js';

/** The subscribers of this package. */
export const subscribers = [
  subscriber({
    name: 'tensorboard',
    summary: 'metrics as event files for TensorBoard, one folder for each step of the run',
    options: z.strictObject({ folder: z.string().min(1) }),
    create: ({ folder }) => tensorBoard({ folder }),
  }),
];
