// Targets as people write them.
import { expect, test } from 'vitest';
import { InputError } from '../../errors.js';
import { describeTarget, parseTarget, type Target } from './target.js';

test.each<[string, Target]>([
  ['50%', { kind: 'share', share: 0.5 }],
  [' 62.5 % ', { kind: 'share', share: 0.625 }],
  ['4B', { kind: 'parameters', parameters: 4e9 }],
  ['130K', { kind: 'parameters', parameters: 130_000 }],
  ['130k', { kind: 'parameters', parameters: 130_000 }],
  ['1.1M', { kind: 'parameters', parameters: 1_100_000 }],
  ['130016', { kind: 'parameters', parameters: 130_016 }],
  ['hidden=48,ffn=96,heads=8,layers=5', { kind: 'shape', shape: { hidden: 48, ffn: 96, heads: 8, layers: 5 } }],
  ['hidden_size=48, intermediate_size=96', { kind: 'shape', shape: { hidden: 48, ffn: 96 } }],
  ['ffn_hidden_size=96,num_query_groups=2', { kind: 'shape', shape: { ffn: 96, kvHeads: 2 } }],
  ['num_attention_heads=4,num_key_value_heads=2', { kind: 'shape', shape: { heads: 4, kvHeads: 2 } }],
  ['num_hidden_layers=3', { kind: 'shape', shape: { layers: 3 } }],
  ['num_layers=3,kv-heads=1', { kind: 'shape', shape: { layers: 3, kvHeads: 1 } }],
])('reads %s', (text, target) => {
  expect(parseTarget(text)).toEqual(target);
});

test.each([
  ['', 'Write a share (50%), a number of parameters (4B, 130K, 130016) or a shape'],
  ['half', 'it is none of the forms of a target'],
  ['4BB', 'it is none of the forms of a target'],
  ['1e6', 'it is none of the forms of a target'],
  ['0', 'nothing would be left of the model'],
  ['-5M', 'nothing would be left of the model'],
  ['0%', 'Give more than 0%'],
  ['-50%', 'Give more than 0%'],
  ['0.5', 'For a share, write 50%'],
  ['1.5', 'Give a whole number'],
  ['hidden=', 'hidden is ""'],
  ['hidden=0', 'Give a positive whole number'],
  ['hidden=-4', 'Give a positive whole number'],
  ['hidden=4.5', 'Give a positive whole number'],
  ['hidden=4,hidden_size=8', 'hidden is given twice'],
  ['vocab=100', '"vocab=100" is not a size that pruning can change'],
  ['hidden=4=5', '"hidden=4=5" is not a size that pruning can change'],
  ['hidden=4,', '"" is not a size that pruning can change'],
])('refuses "%s": %s', (text, message) => {
  expect(() => parseTarget(text)).toThrow(InputError);
  expect(() => parseTarget(text)).toThrow(message);
});

test.each([
  ['50%', '50% of the parameters'],
  ['4B', '4,000,000,000 parameters'],
  ['ffn_hidden_size=96,num_layers=3', 'ffn 96, layers 3'],
])('%s reads "%s" in messages', (text, description) => {
  expect(describeTarget(parseTarget(text))).toBe(description);
});
