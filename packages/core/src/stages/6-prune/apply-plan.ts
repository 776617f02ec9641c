// A plan applied to a model: a new model whose weights are cut when they are read, so that whoever writes them to disk one by
// one never holds more than one.
import { InputError, InternalError } from '../../errors.js';
import { planArchitecture, weightShape, weightSpecs, type Model, type PrunePlan } from '../../model/index.js';
import type { WeightSpec } from '../../model/index.js';
import { sliceWeight } from './slice-weight.js';

/**
 * The pruned model. Throws `GraphError` for a plan that does not fit; reading a weight throws `InputError` when the checkpoint
 * holds another number of values than its shape says.
 */
export function applyPlan(model: Model, plan: PrunePlan): Model {
  const architecture = planArchitecture(model.architecture, plan);
  const sources = sourceSpecs(model, { ...model, architecture }, plan);
  const types = [...sources].flatMap(([name, source]) => {
    const type = model.storageTypes.get(source.name);
    return type === undefined ? [] : [[name, type] as const];
  });
  return {
    ...model,
    architecture,
    config: model.family.writeConfig(model.config, architecture),
    storageTypes: new Map(types),
    weights: {
      async read(name) {
        const source = sources.get(name);
        if (source === undefined) throw new InternalError(`the pruned model has no weight "${name}"`);
        const layer = source.layer === undefined ? undefined : plan.layers.indexOf(source.layer);
        return sliceWeight(await readWhole(model, source), source, model.architecture, plan, layer);
      },
    },
  };
}

/** The weight that each weight of the pruned model is cut from: the same place in the old layer that its layer was. */
function sourceSpecs(
  before: Pick<Model, 'family' | 'architecture'>,
  after: Pick<Model, 'family' | 'architecture'>,
  plan: PrunePlan,
): ReadonlyMap<string, WeightSpec> {
  const [from, to] = [byLayer(weightSpecs(before)), byLayer(weightSpecs(after))];
  const sources = new Map<string, WeightSpec>();
  for (const [layer, specs] of to) {
    const old = from.get(layer === undefined ? undefined : plan.layers[layer]) ?? [];
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

function byLayer(specs: readonly WeightSpec[]): Map<number | undefined, WeightSpec[]> {
  const groups = new Map<number | undefined, WeightSpec[]>();
  for (const spec of specs) groups.set(spec.layer, [...(groups.get(spec.layer) ?? []), spec]);
  return groups;
}

async function readWhole({ weights, architecture }: Model, spec: WeightSpec): Promise<Float32Array> {
  const values = await weights.read(spec.name);
  const shape = weightShape(spec, architecture.sizes);
  const count = shape.reduce((a, b) => a * b, 1);
  if (values.length === count) return values;
  throw new InputError({
    asked: `prune weight ${spec.name}`,
    found: `the checkpoint holds ${values.length} values, [${shape.join(', ')}] has ${count}`,
    fix: 'Give the config.json that belongs to these weights',
  });
}
