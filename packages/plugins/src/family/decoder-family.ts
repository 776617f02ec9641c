// A family of decoders out of data: the entries of its config.json, and what they say about the architecture.
import {
  decoder,
  decoderWeights,
  InputError,
  strategy,
  type Architecture,
  type Described,
  type JsonObject,
  type ModelFamily,
  type Strategy,
  type NoOptions,
} from '@espalier/core';
import type { z } from 'zod';
import { readDecoderConfig, writeDecoderConfig, type DecoderConfig, type Refuse } from './decoder-config.js';

/** What a family adds to the common entries. */
export interface DecoderFamily<Config extends DecoderConfig> extends Described {
  /** How people call it. */
  readonly title: string;
  /** Whether heads may be turned in part only. */
  readonly partlyRotary?: true;
  /** Entries of config.json: `decoderConfig`, extended. */
  readonly config: z.ZodType<Config>;
  /** As in `ModelFamily`. */
  readonly problem?: ModelFamily['problem'];
  /** What the family's own entries say: `normEpsilon`, `biases` and whatever else differs from what the `common` ones do. */
  architecture(config: Config, common: CommonArchitecture): OwnArchitecture;
}

type CommonArchitecture = ReturnType<typeof readDecoderConfig>;
/** Epsilon and biases are for the family to say. */
type OwnArchitecture = Pick<Architecture, 'normEpsilon' | 'biases'> & Partial<Architecture>;

/**
 * Declares a family; its name is the `model_type` of its config.json. Its `readConfig` throws `InputError` naming the entry that is
 * missing, wrong or not covered.
 */
export function decoderFamily<Config extends DecoderConfig>(own: DecoderFamily<Config>): Strategy<'family', NoOptions> {
  const { name, summary } = own;
  return strategy('family', { name, summary, create: () => familyOf(own) });
}

function familyOf<Config extends DecoderConfig>(own: DecoderFamily<Config>): Omit<ModelFamily, keyof Described> {
  const refuse: Refuse = (found, fix) => {
    throw new InputError({ asked: `read a ${own.title} config.json`, found, fix });
  };
  return {
    modelTypes: [own.name],
    readConfig(config: unknown): Architecture {
      const parsed = own.config.safeParse(config);
      if (!parsed.success) {
        const [issue] = parsed.error.issues;
        const fix = `Correct config.json, or bring another family: ${own.name} covers no other value`;
        return refuse(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not an object'}`, fix);
      }
      const common = readDecoderConfig(parsed.data, refuse);
      if (common.rope.channels !== undefined && own.partlyRotary === undefined) {
        return refuse('partial_rotary_factor is below 1', `The ${own.title} family turns whole heads`);
      }
      return { family: own.name, ...common, ...own.architecture(parsed.data, common) };
    },
    writeConfig: (original: JsonObject, architecture) => writeDecoderConfig(original, architecture),
    weights: decoderWeights,
    ...(own.problem === undefined ? {} : { problem: own.problem }),
    forward: decoder,
  };
}
