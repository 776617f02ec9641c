// Stage 5: the target becomes a shape. An explicit shape is taken as it is; everything else is up to the strategy.
import { modelParameters } from '../../cost/index.js';
import { InputError } from '../../errors.js';
import { describeArchitecture, type Architecture, type Model, type ModelShape } from '../../model/index.js';
import { stage, type Stage, type StageTools } from '../../pipeline/index.js';
import type { SearchStrategy } from './search-strategy.js';
import { checkTargetShape, explicitArchitecture, targetParameters } from './target-shape.js';
import { grouped, type Target } from './target.js';

/** Further below its target than this, a student deserves a remark. */
const NEAR = 0.1;

/** Finds the student's shape and says what it costs. Throws `InputError` for a target that the model cannot reach. */
export function search<State extends { readonly teacher: Model }>(
  strategy: SearchStrategy,
  target: Target,
): Stage<State, State & { readonly target: Architecture }> {
  return stage('search', async (state: State, _context, tools) => {
    const architecture = await Promise.resolve(chooseArchitecture(strategy, state.teacher, target));
    reportSizes(state.teacher, architecture, targetParameters(state.teacher, target), tools);
    return { ...state, target: architecture };
  });
}

/** The shape a strategy chooses, checked. */
export function chooseArchitecture(strategy: SearchStrategy, model: ModelShape, target: Target): Architecture {
  if (target.kind === 'shape') return explicitArchitecture(model.architecture, target.shape);
  const limit = targetParameters(model, target);
  const architecture = strategy.choose(model, target);
  checkTargetShape(model.architecture, architecture);
  const { parameters } = modelParameters({ ...model, architecture });
  if (parameters <= limit) return architecture;
  throw new InputError({
    asked: `search a shape of at most ${grouped(limit)} parameters with ${strategy.name}`,
    found: `it chose one of ${grouped(parameters)}`,
    fix: 'Correct the strategy, or use another',
  });
}

function reportSizes(model: Model, architecture: Architecture, limit: number, tools: StageTools): void {
  const before = modelParameters(model);
  const after = modelParameters({ ...model, architecture });
  const line = (name: 'parameters' | 'nonEmbeddingParameters'): string =>
    `${grouped(before[name])} to ${grouped(after[name])} (${((100 * after[name]) / before[name]).toFixed(1)}%)`;
  tools.report({
    type: 'finding',
    name: 'shape',
    message: `${describeArchitecture(architecture)}: parameters ${line('parameters')}, without embeddings ${line('nonEmbeddingParameters')}`,
    data: { before: { ...before }, after: { ...after } },
  });
  const below = 1 - after.parameters / limit;
  if (below <= NEAR) return;
  tools.report({
    type: 'finding',
    name: 'below-target',
    message: `${grouped(after.parameters)} parameters are the nearest possible at or below ${grouped(limit)}, ${(100 * below).toFixed(1)}% under it`,
    data: { target: limit, reached: after.parameters },
  });
}
