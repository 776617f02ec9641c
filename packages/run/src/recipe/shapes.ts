// Targets by the name of a published model, as sizes of its config.json. Sources: the papers' model cards, see
// Muralidharan et al. 2024 and Sreenivas et al. 2024.

import { ownValue } from '@espalier/core';

/** What `--target NAME` and a recipe's `target: NAME` stand for. */
export const knownShapes: Readonly<Record<string, string>> = {
  'minitron-8b': 'hidden=4096,ffn=16384,heads=48,layers=32',
  'minitron-4b': 'hidden=3072,ffn=9216,heads=24,layers=32',
  'llama-3.1-minitron-4b-width': 'hidden=3072,ffn=9216',
  'llama-3.1-minitron-4b-depth': 'layers=16',
  'mn-minitron-8b': 'hidden=4096,ffn=11520',
};

/** Text of a target with a known name replaced by its sizes. */
export function expandTarget(text: string): string {
  return ownValue(knownShapes, text.trim().toLowerCase()) ?? text;
}
