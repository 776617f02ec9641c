// Stage 6: scores and target become a plan, and the plan a student. Nothing is read yet: weights are cut on their way out.
import { InputError } from '../../errors.js';
import { describeArchitecture, planArchitecture, type Architecture, type Model } from '../../model/index.js';
import type { PrunePlan } from '../../model/index.js';
import { stage, type Stage, type StageTools } from '../../pipeline/index.js';
import type { Scores } from '../4-score/importance-scorer.js';
import { checkTargetShape } from '../5-search/target-shape.js';
import { applyPlan } from './apply-plan.js';
import type { Pruner } from './pruner.js';

interface Pruned {
  readonly plan: PrunePlan;
  readonly student: Model;
}

/** Plans and applies. Throws `InputError` for a target that cannot be reached or that the pruner does not cover. */
export function prune<
  State extends { readonly teacher: Model; readonly target: Architecture; readonly scores: Partial<Scores> },
>(pruner: Pruner): Stage<State, State & Pruned> {
  return stage('prune', async (state: State, _context, tools) => {
    const { teacher, target, scores } = state;
    const plan = await Promise.resolve(makePlan(pruner, teacher.architecture, scores, target));
    const student = applyPlan(teacher, plan);
    reportPlan(plan, teacher.architecture, student.architecture, tools);
    return { ...state, plan, student };
  });
}

/** The pruner's plan, checked against the target. */
export function makePlan(
  pruner: Pruner,
  architecture: Architecture,
  scores: Partial<Scores>,
  target: Architecture,
): PrunePlan {
  checkTargetShape(architecture, target);
  const plan = pruner.plan(architecture, scores, target);
  const [found, wanted] = [describeArchitecture(planArchitecture(architecture, plan)), describeArchitecture(target)];
  if (found === wanted) return plan;
  throw new InputError({
    asked: `prune to ${wanted} with ${pruner.name}`,
    found: `its plan leaves ${found}`,
    fix: 'Correct the pruner, or use another',
  });
}

function reportPlan(plan: PrunePlan, before: Architecture, after: Architecture, tools: StageTools): void {
  const dropped = Array.from({ length: before.layers }, (_, layer) => layer).filter(
    (own) => !plan.layers.includes(own),
  );
  const layers = dropped.length === 0 ? 'all layers kept' : `layers ${dropped.join(', ')} (0-based) dropped`;
  tools.report({
    type: 'finding',
    message: `pruned to ${describeArchitecture(after)}; ${layers}`,
    data: { layers: plan.layers, dropped },
  });
}
