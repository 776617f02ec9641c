// A model family of one's own, as data: a model of it is trained from random weights, and pruned as any other.
import { applyPlan, initialise, makePlan, modelParameters, random, type Model } from '@espalier/core';
import { decoderConfig, decoderFamily, widthPruner } from '@espalier/plugins';
import { z } from 'zod';
import { bundledTeacher } from './setting.js';

/** Decoders as Llama's, with an ε of their own in every norm. */
const alpaca = decoderFamily({
  name: 'alpaca',
  title: 'Alpaca',
  summary: 'RMSNorm, rotary grouped-query attention, SwiGLU',
  config: decoderConfig.extend({
    model_type: z.literal('alpaca'),
    rms_norm_eps: z.number().positive().default(1e-6),
    hidden_act: z.literal('silu').default('silu'),
  }),
  architecture: (config) => ({ normEpsilon: config.rms_norm_eps, biases: [] }),
});
const family = alpaca();

const teacher = await bundledTeacher();
const config = {
  ...teacher.config,
  model_type: 'alpaca',
  hidden_size: 64,
  intermediate_size: 96,
  num_hidden_layers: 2,
};
const blank: Model = { ...teacher, family, config, architecture: family.readConfig(config) };
const model = initialise(blank, random(1));
const target = { ...model.architecture, sizes: { ...model.architecture.sizes, ffn: 48 } };
const ffn = Array.from({ length: 2 }, () => Array.from({ length: 96 }, (_, neuron) => neuron));
const student = applyPlan(model, makePlan(widthPruner(), model.architecture, { ffn }, target));
console.log(`${modelParameters(model).parameters} parameters, pruned to ${modelParameters(student).parameters}`);
