// A plan applied to a model: a new model whose weights are cut when they are read, in parts, so that whoever writes them to disk
// never holds a whole one.
import { InternalError } from '../../errors.js';
import { wholeLayers } from '../../model/architecture.js';
import { partsOf, planArchitecture, weightShape, weightSpecs } from '../../model/index.js';
import type { Model, PrunePlan, Weights, WeightSpec } from '../../model/index.js';
import { cutRange, storedCut, weightCut, type WeightCut } from './slice-weight.js';
import { at } from '../../look-up.js';

/**
 * The pruned model. Throws `GraphError` for a plan that does not fit; reading a weight throws `InputError` when the checkpoint
 * holds another number of values than its shape says.
 */
export function applyPlan(model: Model, plan: PrunePlan): Model {
  const architecture = planArchitecture(model.architecture, plan);
  const sources = sourceSpecs(model, { ...model, architecture }, plan);
  const present = new Set(weightSpecs({ ...model, architecture }).map(({ name }) => name));
  const types = [...sources].flatMap(([name, source]) => {
    const type = model.storageTypes.get(source.name);
    return type === undefined ? [] : [[name, type] as const];
  });
  return {
    ...model,
    architecture,
    config: model.family.writeConfig(model.config, architecture),
    storageTypes: new Map(types),
    weights: cutWeights(model, plan, (name) => {
      const source = sources.get(name);
      if (source !== undefined && present.has(name)) return source;
      throw new InternalError(`the pruned model has no weight "${name}"`);
    }),
  };
}

/** Weights that are cut while they are read, in parts; in ranges too where those of the model can be. */
function cutWeights(
  { weights, architecture }: Model,
  plan: PrunePlan,
  sourceOf: (name: string) => WeightSpec,
): Weights {
  const planned = (source: WeightSpec): WeightCut => {
    const layer = source.layer === undefined ? undefined : plan.layers.indexOf(source.layer);
    return weightCut(source, architecture, plan, layer);
  };
  const cutOf = async (
    name: string,
  ): Promise<readonly [WeightCut, (begin: number, end: number) => Promise<Float32Array>]> => {
    const source = sourceOf(name);
    const part = await partsOf(weights, source.name, weightShape(source, architecture.sizes));
    return [planned(source), part];
  };
  const range = async (name: string, begin: number, end: number): Promise<Float32Array> => {
    const [cut, part] = await cutOf(name);
    return cutRange(cut, part, begin, end);
  };
  return {
    async read(name) {
      const [cut, part] = await cutOf(name);
      return cutRange(cut, part, 0, cut.kept[0] * cut.kept[1]);
    },
    ...(weights.range === undefined ? {} : { range }),
    stored(name) {
      const source = sourceOf(name);
      const before = weights.stored?.(source.name);
      return before === undefined ? undefined : storedCut(planned(source), before);
    },
    check: async (name) => weights.check?.(sourceOf(name).name),
  };
}

/**
 * The weight that each weight of the pruned model is cut from: the same place in the old layer that its layer was. Parts that were
 * removed from a layer count as if they were there, since on disk they are.
 */
function sourceSpecs(
  before: Pick<Model, 'family' | 'architecture'>,
  after: Pick<Model, 'family' | 'architecture'>,
  plan: PrunePlan,
): ReadonlyMap<string, WeightSpec> {
  const whole = ({ family, architecture }: Pick<Model, 'family' | 'architecture'>): LayerSpecs =>
    byLayer(family.weights(wholeLayers(architecture)));
  const [from, to] = [whole(before), whole(after)];
  const sources = new Map<string, WeightSpec>();
  for (const [layer, specs] of to) {
    const old = from.get(layer === undefined ? undefined : at(plan.layers, layer)) ?? [];
    specs.forEach((spec, index) => {
      const source = old[index];
      if (source === undefined || source.kind !== spec.kind || source.axes.join() !== spec.axes.join()) {
        throw new InternalError(`family "${before.family.name}" lists other weights for another shape: "${spec.name}"`);
      }
      sources.set(spec.name, source);
    });
  }
  return sources;
}

type LayerSpecs = Map<number | undefined, WeightSpec[]>;

function byLayer(specs: readonly WeightSpec[]): LayerSpecs {
  const groups: LayerSpecs = new Map();
  for (const spec of specs) groups.set(spec.layer, [...(groups.get(spec.layer) ?? []), spec]);
  return groups;
}
