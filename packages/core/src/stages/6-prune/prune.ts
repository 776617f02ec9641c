// Stage 6: scores and target become a plan, and the plan a student. Weights are cut on their way out; the check reads them once.
import { InputError } from '../../errors.js';
import { describeArchitecture, planArchitecture, type Architecture, type Model } from '../../model/index.js';
import type { PrunePlan } from '../../model/index.js';
import { stage, type Stage, type StageContext, type StageTools } from '../../pipeline/index.js';
import type { Scores } from '../4-score/importance-scorer.js';
import { checkTargetShape, meetsTarget } from '../5-search/target-shape.js';
import { checkChoice } from '../5-search/layer-choice.js';
import type { LayerChoice } from '../5-search/target.js';
import { applyPlan } from './apply-plan.js';
import { planMap } from './plan-map.js';
import { checkMasked } from './check-masked.js';
import type { Pruner } from './pruner.js';

interface Pruned {
  /** What is kept, in the numbers of the teacher. */
  readonly plan: PrunePlan;
  /** The cut model. */
  readonly student: Model;
}

/** What is done besides cutting. */
export interface PruneOptions {
  /**
   * Whether the cut model is compared with the masked one (`checkMasked`); it is when not given. It takes one load of each model
   * onto the device: turn it off for models that do not fit.
   */
  readonly check?: boolean;
}

/** Plans and applies. Throws `InputError` as `makePlan`, and `InternalError` when the cut model does not say what the masked one says. */
export function prune<
  State extends {
    /** The model to be pruned. */
    readonly teacher: Model;
    /** Shape of the student. */
    readonly target: Architecture;
    /** Importance of the teacher's parts. */
    readonly scores: Partial<Scores>;
    /** Layers that the target names, where it does. */
    readonly choice?: LayerChoice;
  },
>(pruner: Pruner, options: PruneOptions = {}): Stage<State, State & Pruned> {
  return stage('prune', async (state: State, context, tools) => {
    const { teacher, target, scores, choice } = state;
    const plan = makePlan(pruner, teacher.architecture, scores, target);
    if (choice !== undefined) checkChoice(teacher.architecture, choice, plan, pruner.name);
    const student = applyPlan(teacher, plan);
    await finishCut({ teacher, plan, student }, options, context, tools);
    return { ...state, plan, student };
  });
}

/** Tells what was cut and, unless that is turned off, checks it. Throws `InternalError` as `checkMasked` does. */
export async function finishCut(
  { teacher, plan, student }: Pruned & { readonly teacher: Model },
  { check = true }: PruneOptions,
  context: StageContext,
  tools: StageTools,
): Promise<void> {
  reportPlan(plan, teacher.architecture, student.architecture, tools);
  if (check) reportCheck(await checkMasked(teacher, plan, student, context), tools);
}

/**
 * The pruner's plan, checked against the target. Throws `InputError` for a target that pruning cannot reach or this pruner
 * does not make, for scores that it lacks, and, naming the pruner, for a plan that is wrong in itself or leaves another shape.
 */
export function makePlan(
  pruner: Pruner,
  architecture: Architecture,
  scores: Partial<Scores>,
  target: Architecture,
): PrunePlan {
  checkTargetShape(architecture, target);
  const asked = `prune to ${describeArchitecture(target)} with pruner "${pruner.name}"`;
  const fix = 'Correct the pruner, or use another';
  const { plan, left } = planned();
  if (meetsTarget(architecture, target, left)) return plan;
  throw new InputError({ asked, found: `its plan leaves ${describeArchitecture(left)}`, fix });

  function planned(): { readonly plan: PrunePlan; readonly left: Architecture } {
    try {
      const own = pruner.plan(architecture, scores, target);
      return { plan: own, left: planArchitecture(architecture, own) };
    } catch (cause) {
      if (cause instanceof InputError) throw cause;
      const found = cause instanceof Error ? cause.message : String(cause);
      throw new InputError({ asked, found, fix }, { cause });
    }
  }
}

function reportPlan(plan: PrunePlan, before: Architecture, after: Architecture, tools: StageTools): void {
  const dropped = Array.from({ length: before.layers }, (_, layer) => layer).filter(
    (own) => !plan.layers.includes(own),
  );
  const layers = dropped.length === 0 ? 'all layers kept' : `layers ${dropped.join(', ')} (0-based) dropped`;
  const { withoutAttention = [], withoutFeedForward = [] } = plan;
  const lost = (part: string, from: readonly number[]): string =>
    from.length === 0 ? '' : `; ${part} of layers ${from.join(', ')} (0-based) removed`;
  const parts = lost('attention', withoutAttention) + lost('feed-forward', withoutFeedForward);
  tools.report({
    type: 'finding',
    name: 'plan',
    message: `pruned to ${describeArchitecture(after)}; ${layers}${parts}`,
    data: {
      layers: plan.layers,
      dropped,
      withoutAttention,
      withoutFeedForward,
      map: { ...planMap(before, after, plan) },
    },
  });
}

function reportCheck(difference: number, tools: StageTools): void {
  tools.report({
    type: 'finding',
    name: 'masked-check',
    message: `checked: the cut model says what the masked one says (largest difference ${difference.toExponential(1)} of the largest logit)`,
    data: { maskedDifference: difference },
  });
}
