// Changes of a step's student by the transforms that the recipe names, each a unit of the run.
import { join } from 'node:path';
import { exportModel, loadModel, transformWith, type Model } from '@espalier/core';
import type { TransformPlace } from '../steps/named-strategy.js';
import type { ResolvedTransform } from '../steps/resolve-step.js';
import { commonInputs, runStage, type Engine, type EngineStep } from './engine.js';
import type { SourceModel } from './models.js';
import type { Unit } from '../folder/run-folder.js';

/** The student as the transforms of this place leave it, one after another; it keeps its name. */
export async function transformed<Source extends SourceModel>(
  engine: Engine,
  step: EngineStep,
  at: TransformPlace,
  source: Source,
): Promise<Source> {
  let last = source;
  for (const [index, own] of step.resolved.transforms.entries()) {
    if (own.named.at !== at) continue;
    const name = `${step.name}/transform/${uniqueName(own.named.name, step.resolved.transforms.slice(0, index))}`;
    const inputs = { ...commonInputs(engine), source: last.hash, transform: own.named };
    const { model } = last;
    const make = async (): Promise<Model> =>
      (await runStage(engine, name, transformWith(own.transform), { student: model })).student;
    const { value, hash } = await engine.units.do({ name, inputs, make, ...inFolder(engine) });
    last = { ...last, model: value, hash };
  }
  return last;
}

/** `merge`, and `merge-2` for the second of that name in a step. */
function uniqueName(name: string, earlier: readonly ResolvedTransform[]): string {
  const uses = earlier.filter(({ named }) => named.name === name).length;
  return uses === 0 ? name : `${name}-${uses + 1}`;
}

/** How a student is kept in a folder run: as a model folder. */
export function inFolder({ bench, keepOpen }: Pick<Engine, 'bench' | 'keepOpen'>): Pick<Unit<Model>, 'save' | 'load'> {
  return {
    async save(model, folder) {
      await exportModel(model, join(folder, 'student'), { overwrite: true });
    },
    async load(folder) {
      const { model, close } = await loadModel(join(folder, 'student'), bench.families);
      keepOpen(close);
      return model;
    },
  };
}
