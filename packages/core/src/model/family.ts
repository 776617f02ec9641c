// What a model family is: how its config.json is read and written, which weights it has, and its graph.
import type { Tensor } from '../graph/index.js';
import type { Architecture, WeightSpec } from './architecture.js';
import type { DecoderInputs } from './decoder.js';

/** Any JSON object, e.g. a parsed config.json. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** What a kind of model is: its config.json, its weights and its graph. */
export interface ModelFamily {
  /** kebab-case; `Architecture.family` of its models. */
  readonly name: string;
  /** One line for people. */
  readonly summary: string;
  /** Values of `model_type` in config.json that are of this family. */
  readonly modelTypes: readonly string[];
  /** Reads a parsed config.json; throws `InputError` for what the family does not cover. */
  readConfig(config: unknown): Architecture;
  /** The original config.json with the sizes of another architecture; all other entries are kept. */
  writeConfig(original: JsonObject, architecture: Architecture): JsonObject;
  /** Every weight of a checkpoint, in the order of the checkpoint. */
  weights(architecture: Architecture): readonly WeightSpec[];
  /**
   * What keeps other tools from loading a model of this shape, if anything does: what they find, and what they would take. `from` is the
   * shape that is pruned to it, where known: what is proposed is no larger.
   */
  problem?(
    architecture: Architecture,
    from?: Architecture,
  ):
    | {
        /** What other tools find. */
        readonly found: string;
        /** What they would take. */
        readonly fix: string;
      }
    | undefined;
  /** Logits `[B·T, V]`; must heed the masks and leave out removed parts of layers. */
  forward(architecture: Architecture, inputs: DecoderInputs): Tensor<'float32'>;
}
