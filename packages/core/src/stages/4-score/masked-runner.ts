// A model on a device with parts of it silenced: to an evaluator it is a model like any other, and every candidate runs the
// same compiled program with other mask values.
import type { HostTensors } from '../../backend/index.js';
import { hostFloats } from '../../backend/index.js';
import { isOp, type Tensor } from '../../graph/index.js';
import {
  fullPlan,
  maskInputs,
  maskValues,
  type Architecture,
  type ModelRunner,
  type ModelShape,
} from '../../model/index.js';

/** The same model, whose programs take masks (`maskValues`) as inputs. */
export function maskedModel<Own extends ModelShape>(model: Own): Own {
  const { family } = model;
  return {
    ...model,
    family: {
      ...family,
      weights: (architecture) => family.weights(architecture),
      forward: (architecture, inputs) =>
        family.forward(architecture, { ...inputs, masks: inputs.masks ?? maskInputs(architecture) }),
    },
  };
}

/** The runner of a masked model with fixed mask values: what it runs is the model that the masks leave. */
export function maskedRunner(runner: ModelRunner, masks: HostTensors): ModelRunner {
  return {
    model: maskedModel(runner.model),
    layered: runner.layered,
    run: (program, inputs) => runner.run(program, { ...masks, ...inputs }),
    runAll: (program, batches, options) =>
      runner.runAll(
        program,
        batches.map((inputs) => ({ ...masks, ...inputs })),
        options,
      ),
    read: (names) => runner.read(names),
    write: (values) => runner.write(values),
    dispose: () => runner.dispose(),
  };
}

/** Halves of layers, 0-based. */
export interface Halves {
  /** Layers whose attention is silenced. */
  readonly attention: readonly number[];
  /** Layers whose feed-forward block is silenced. */
  readonly feedForward: readonly number[];
}

/** Mask values that silence halves of layers and nothing else. */
export function withoutHalves(architecture: Architecture, { attention, feedForward }: Halves): HostTensors {
  const inputs = maskInputs(architecture);
  const gates = (gone: readonly number[]) =>
    hostFloats(
      Array.from({ length: architecture.layers }, (_, layer) => (gone.includes(layer) ? 0 : 1)),
      [architecture.layers],
    );
  return {
    ...maskValues(architecture, fullPlan(architecture)),
    [inputName(inputs.attention)]: gates(attention),
    [inputName(inputs.feedForward)]: gates(feedForward),
  };
}

function inputName(node: Tensor): string {
  return isOp(node, 'input') ? node.attributes.name : '';
}
