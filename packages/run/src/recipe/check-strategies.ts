// Whether the strategies that a recipe names exist and take the options it gives them, said with the place in the recipe.
import { InputError, type RunContainer, type StrategyKind } from '@espalier/core';
import { strategyNamed, type NamedStrategy } from '../steps/named-strategy.js';
import type { Recipe } from './schema.js';
import type { ValuePath } from './source-text.js';

interface Named {
  readonly kind: StrategyKind;
  readonly path: ValuePath;
  readonly strategy: NamedStrategy;
}

/** Throws `InputError` for the first strategy that is not known or whose options are wrong. */
export function checkStrategies(recipe: Recipe, container: RunContainer, locate: (path: ValuePath) => string): void {
  for (const { kind, path, strategy } of namedStrategies(recipe)) {
    try {
      strategyNamed(container, kind, strategy);
    } catch (cause) {
      if (!(cause instanceof InputError)) throw cause;
      const { asked, found, fix } = cause.parts;
      throw new InputError({ asked: `read recipe ${locate(path)}: ${asked}`, found, fix }, { cause });
    }
  }
}

/** Every strategy of a recipe with its kind and place. */
export function namedStrategies(recipe: Recipe): readonly Named[] {
  const { steps, pretraining, backend, subscribers, evaluation, export: wanted } = recipe;
  const one = (kind: StrategyKind, path: ValuePath, strategy: NamedStrategy | undefined): readonly Named[] =>
    strategy === undefined ? [] : [{ kind, path, strategy }];
  return [
    ...one('backend', ['backend'], backend),
    ...one('exporter', ['export', 'exporter'], wanted?.exporter),
    ...evaluation.evaluators.flatMap((own, number) => one('evaluator', ['evaluation', 'evaluators', number], own)),
    ...subscribers.flatMap((own, number) => one('subscriber', ['subscribers', number], own)),
    ...one('optimizer', ['pretraining', 'optimizer'], pretraining?.optimizer),
    ...one('schedule', ['pretraining', 'schedule'], pretraining?.schedule),
    ...steps.flatMap(({ importance, search, pruner, transforms, distillation }, index) => {
      const step = ['steps', index];
      return [
        ...importance.scorers.flatMap(({ axes: _axes, ...own }, number) =>
          one('scorer', [...step, 'importance', 'scorers', number], own),
        ),
        ...one('evaluator', [...step, 'importance', 'depth', 'evaluator'], importance.depth?.evaluator),
        ...one('search', [...step, 'search'], search),
        ...one('pruner', [...step, 'pruner'], pruner),
        ...transforms.flatMap(({ at: _at, ...own }, number) => one('transform', [...step, 'transforms', number], own)),
        ...distillation.losses.flatMap(({ weight: _weight, ...own }, number) =>
          one('loss', [...step, 'distillation', 'losses', number], own),
        ),
        ...one('balancer', [...step, 'distillation', 'balancer'], distillation.balancer),
        ...one('mapping', [...step, 'distillation', 'mapping'], distillation.mapping),
        ...(distillation.correction?.losses ?? []).flatMap(({ weight: _weight, ...own }, number) =>
          one('loss', [...step, 'distillation', 'correction', 'losses', number], own),
        ),
        ...one('schedule', [...step, 'distillation', 'correction', 'schedule'], distillation.correction?.schedule),
        ...one('optimizer', [...step, 'distillation', 'optimizer'], distillation.optimizer),
        ...one('schedule', [...step, 'distillation', 'schedule'], distillation.schedule),
        ...one('stop', [...step, 'distillation', 'stop'], distillation.stop),
      ];
    }),
  ];
}
