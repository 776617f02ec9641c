// What a report is made of. `reportFromEvents` (replay.ts) fills it from the log of a run; everything but the title may be absent
// or empty, and its section is then left out.
import type { FindingData } from '../events/findings.js';
import type { SummaryRow } from '../engine/summary.js';

/** The training loss of one student. */
export interface LossCurve {
  /** Name of its row. */
  readonly name: string;
  /** The loss terms it was trained on; curves of different objectives are not comparable. */
  readonly objective: string;
  /** Tokens seen after each step, and the loss of the step. */
  readonly points: readonly { readonly tokens: number; readonly loss: number }[];
}

/** What one step of the run took. */
export interface StepCost {
  readonly name: string;
  readonly stages: readonly { readonly name: string; readonly seconds: number }[];
  /** Training tokens. */
  readonly tokens: number;
  /** Highest resident memory seen during the step, in bytes. */
  readonly peakMemory?: number;
}

/** The model that the run is for: its row and, once all is done, what else is known of it. */
export interface ReportedAnswer {
  readonly row: string;
  /** SHA-256 of shape and weights, as exported. */
  readonly hash?: string | undefined;
  /** Where it was exported to. */
  readonly folder?: string | undefined;
  /** Whether it learnt from the teacher, and not from the text alone. */
  readonly taught?: boolean | undefined;
}

export type Candidate = FindingData<'candidates'>['candidates'][number];
export type Sample = FindingData<'samples'>['samples'][number];

export interface ReportData {
  readonly title: string;
  /** How often the run was begun or gone on with. */
  readonly sessions: number;
  /** One row per model that was measured; the first is the teacher. */
  readonly rows: readonly SummaryRow[];
  readonly answer?: ReportedAnswer;
  readonly curves: readonly LossCurve[];
  readonly scores?: FindingData<'scores'>;
  readonly stability?: FindingData<'stability'>;
  /** By name of the step that made them: `width`, `depth`. */
  readonly plans: readonly { readonly name: string; readonly plan: FindingData<'plan'> }[];
  readonly candidates: readonly Candidate[];
  readonly costs: readonly StepCost[];
  readonly samples: readonly Sample[];
  /** Seed, versions, recipe, hashes. */
  readonly origin?: FindingData<'run'>;
  readonly warnings: readonly string[];
}
