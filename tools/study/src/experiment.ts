// What an experiment is: a claim of the papers, variants of one thing, and numbers for each under one seed.
import type { Lab } from './lab.js';

/** Numbers of one variant, by what they measure. */
export type Numbers = Readonly<Record<string, number>>;

export interface Experiment {
  readonly name: string;
  /** What the paper says, in our words, with the place. */
  readonly claim: string;
  /** Numbers by variant; the first variant is the one the claim is about. */
  run(lab: Lab): Promise<Readonly<Record<string, Numbers>>>;
}
