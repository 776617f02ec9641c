// A model trained from random weights as a unit of the run: what takes the place of a model that is there.
import { fileURLToPath } from 'node:url';
import { at, initialise, InputError, openTokenizer, padded, sourceBatches, stage, trainModel } from '@espalier/core';
import type { Model, ModelFamily, ModelShape, TextCodec } from '@espalier/core';
import { tinyTalesAssets } from '@espalier/plugins';
import { textsOf } from '../recipe/data-schema.js';
import type { Recipe } from '../recipe/schema.js';
import { pretrainingOptions, type Pretraining } from '../steps/pretraining.js';
import { commonInputs, runStage, unitContext, type Engine } from './engine.js';
import { digestOf, type SourceModel, type TrainedModel } from './models.js';
import { passesEvent } from './notices.js';
import { totalsOf, trainingUnit } from './train.js';

const NAME = 'pretrained';
const asked = 'pretrain a model';

/** The shape that a config gives. Throws `InputError` for a family that is not known. */
function pretrainedShape({ config }: Pretraining, families: readonly ModelFamily[]): ModelShape {
  const family = families.find(({ modelTypes }) => modelTypes.some((type) => type === config['model_type']));
  if (family !== undefined) return { family, architecture: family.readConfig(config) };
  throw new InputError({
    asked,
    found: `its config has model_type ${JSON.stringify(config['model_type'])}`,
    fix: `Known are ${families.flatMap(({ modelTypes }) => modelTypes).join(', ')}`,
  });
}

/** The model before it is trained: shape and tokenizer, and no weights. Throws `InputError` for what does not go together. */
export async function openBlank(
  { data, evaluation }: Pick<Recipe, 'data' | 'evaluation'>,
  pretraining: Pretraining,
  families: readonly ModelFamily[],
): Promise<SourceModel> {
  const shape = pretrainedShape(pretraining, families);
  const folder = pretraining.tokenizer ?? fileURLToPath(tinyTalesAssets);
  const tokenizer = await openTokenizer(folder);
  if ([...textsOf(data), evaluation.data].some((own) => own?.source === 'teacher'))
    throw new InputError({
      asked,
      found: 'its data is "teacher", and there is no teacher to write text',
      fix: 'Give a text file or tinytales',
    });
  checkVocabulary(tokenizer, shape);
  const { config, storage } = pretraining;
  const storageTypes = new Map(shape.family.weights(shape.architecture).map(({ name }) => [name, storage] as const));
  const weights = { read: (name: string) => Promise.reject(new RangeError(`${name} has no value yet`)) };
  const model: Model = { ...shape, config, weights, tokenizer, folder, storageTypes };
  const { digest } = await digestOf(folder, /^tokenizer.*\.json$/, { beside: { config, storage } });
  return { name: NAME, model, hash: digest };
}

function checkVocabulary({ vocabularySize }: TextCodec, { architecture }: ModelShape): void {
  if (vocabularySize <= architecture.sizes.vocab) return;
  throw new InputError({
    asked,
    found: `the tokenizer has ${vocabularySize} tokens, and vocab_size is ${architecture.sizes.vocab}`,
    fix: `Set vocab_size to ${vocabularySize} or more`,
  });
}

/** Trains the blank model of the run, from its newest checkpoint where there is one. */
export async function pretrained(engine: Engine, own: Pretraining): Promise<TrainedModel> {
  const { bench, data, original, validation } = engine;
  const { tokenizer: _place, tokens: first, ...settings } = own;
  const totals = totalsOf(engine, NAME, first);
  const tokens = at(totals, -1);
  const inputs = { ...commonInputs(engine), settings, data: engine.dataHash };
  const text = {
    data: sourceBatches(data.source, data.documents('pretraining'), own),
    validation: () => padded(validation, own),
  };
  const options = pretrainingOptions({ ...own, tokens }, original.model.architecture, bench.container, text);
  if (data.tokens !== undefined) engine.tell(passesEvent(NAME, tokens, data.tokens));
  return trainingUnit(engine, { name: NAME, stage: 'pretrain', inputs, totals }, (checkpoint) => {
    const training = stage('pretrain', (blank: Model, context, tools) =>
      trainModel(
        initialise(blank, unitContext(engine).random.fork('weights')),
        undefined,
        { ...options, ...(checkpoint && { checkpoint }) },
        context,
        tools,
      ),
    );
    return runStage(engine, NAME, training, original.model);
  });
}
