// Targets as people write them.
import { expect, test } from 'vitest';
import { InputError } from '../../errors.js';
import { parseTarget } from './parse-target.js';
import { describeTarget, type Target } from './target.js';

test.each<[string, Target]>([
  ['50%', { kind: 'share', share: 0.5 }],
  [' 62.5 % ', { kind: 'share', share: 0.625 }],
  ['4B', { kind: 'parameters', parameters: 4e9 }],
  ['130K', { kind: 'parameters', parameters: 130_000 }],
  ['130k', { kind: 'parameters', parameters: 130_000 }],
  ['1.1M', { kind: 'parameters', parameters: 1_100_000 }],
  ['130016', { kind: 'parameters', parameters: 130_016 }],
  ['130,016', { kind: 'parameters', parameters: 130_016 }],
  ['hidden=48,ffn=96,heads=8,layers=5', { kind: 'shape', shape: { hidden: 48, ffn: 96, heads: 8, layers: 5 } }],
  ['hidden_size=48, intermediate_size=96', { kind: 'shape', shape: { hidden: 48, ffn: 96 } }],
  ['ffn_hidden_size=96,num_query_groups=2', { kind: 'shape', shape: { ffn: 96, kvHeads: 2 } }],
  ['num_attention_heads=4,num_key_value_heads=2', { kind: 'shape', shape: { heads: 4, kvHeads: 2 } }],
  ['num_hidden_layers=3', { kind: 'shape', shape: { layers: 3 } }],
  ['attentionLayers=3, ffn_layers=2', { kind: 'shape', shape: { attentionLayers: 3, ffnLayers: 2 } }],
  ['attentionLayers=3, ffn_layers=2', { kind: 'shape', shape: { attentionLayers: 3, ffnLayers: 2 } }],
  ['num_layers=3,kv-heads=1', { kind: 'shape', shape: { layers: 3, kvHeads: 1 } }],
  ['7.8B..8.5B', { kind: 'parameters', parameters: 8.5e9, least: 7.8e9 }],
  ['parameters=4B', { kind: 'parameters', parameters: 4e9 }],
  ['non-embedding=2.6B', { kind: 'parameters', parameters: 2.6e9, counted: 'non-embedding' }],
  ['non_embedding = 40%', { kind: 'share', share: 0.4, counted: 'non-embedding' }],
  [
    'memory=4GiB,storage=int8,cache=fp16,batch=2,length=8k',
    {
      kind: 'memory',
      bytes: 2 ** 32,
      serving: { storage: 'I8', cacheStorage: 'F16', batch: 2, length: 8000 },
    },
  ],
  [
    'memory=512MB',
    { kind: 'memory', bytes: 512e6, serving: { storage: 'BF16', cacheStorage: 'BF16', batch: 1, length: 4096 } },
  ],
  ['latency=20ms', { kind: 'latency', milliseconds: 20, workload: { batch: 1, length: 128 } }],
  ['latency=1.5s,length=64,batch=4', { kind: 'latency', milliseconds: 1500, workload: { batch: 4, length: 64 } }],
  ['throughput=5k,batch=2', { kind: 'throughput', tokensPerSecond: 5000, workload: { batch: 2, length: 128 } }],
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
  ['8B..7B', 'the range ends before it begins'],
  ['1B..2B..3B', 'it is none of the forms of a target'],
  ['memory=4', 'memory is "4". Give a number and a unit: 4GiB'],
  ['memory=-4GiB', 'memory is "-4GiB"'],
  ['memory=4GiB,storage=q4', '"q4" is not a storage type. Known are F32, F16, BF16, F8, I8'],
  ['memory=4GiB,length=1.5', 'length is "1.5"'],
  ['memory=4GiB,hidden=5', '"hidden=5" is not part of such a target'],
  ['latency=20', 'latency is "20". Give a number and a unit: 20ms'],
  ['latency=0ms', 'latency is "0ms"'],
  ['latency=20ms,batch=1,batch=2', 'batch is given twice'],
  ['throughput=fast', 'Give tokens per second'],
])('refuses "%s": %s', (text, message) => {
  expect(() => parseTarget(text)).toThrow(InputError);
  expect(() => parseTarget(text)).toThrow(message);
});

test.each([
  ['50%', '50% of the parameters'],
  ['4B', '4,000,000,000 parameters'],
  ['ffn_hidden_size=96,num_layers=3', 'ffn 96, layers 3'],
  ['7.8B..8.5B', '7,800,000,000 to 8,500,000,000 parameters'],
  ['non-embedding=40%', '40% of the parameters without embeddings'],
  ['memory=4.2GiB', '4.2 GiB for weights in BF16 and a key/value cache in BF16 of 1 × 4,096 tokens'],
  ['latency=20ms', '20 ms for a forward pass over 1 × 128 tokens'],
  ['throughput=5k', '5,000 tokens per second over 8 × 128 tokens'],
])('%s reads "%s" in messages', (text, description) => {
  expect(describeTarget(parseTarget(text))).toBe(description);
});

test.each([
  ['hidden=1e308', 'Give a positive whole number'],
  ['hidden=99999999999999999999', 'Give at most 2147483647'],
  [`layers=${'9'.repeat(400)}`, 'Give at most 2147483647'],
  ['memory=9e99GiB', 'Give a number and a unit'],
  [`memory=${'9'.repeat(400)}GiB`, 'Give a smaller number'],
  ['memory=99999999TiB', 'Give a smaller number'],
  [`memory=1GiB,length=${'9'.repeat(30)}`, 'Give at most 2147483647'],
  [`latency=${'9'.repeat(400)}ms`, 'Give a smaller number'],
  [`throughput=${'9'.repeat(400)}`, 'Give a smaller number'],
  [`${'9'.repeat(400)}%`, 'Give at most 100%'],
  ['9'.repeat(400), 'Give a smaller number'],
  ['99999999B', 'Give a smaller number'],
  ['constructor', 'none of the forms'],
  ['constructor=4', 'is not a size that pruning can change'],
  ['memory=1GiB,storage=constructor', 'is not a storage type'],
])('the number or name in %s is refused with its bound', (text, fix) => {
  expect(() => parseTarget(text)).toThrow(InputError);
  expect(() => parseTarget(text)).toThrow(fix);
});

test('layers can be named, one by one and in ranges, beside widths', () => {
  expect(parseTarget('keepLayers=0-3,5,8-11')).toEqual({
    kind: 'shape',
    shape: {},
    choice: { keepLayers: [0, 1, 2, 3, 5, 8, 9, 10, 11] },
  });
  expect(parseTarget('hidden=48, drop_layers=4, 6-7, ffn=96')).toEqual({
    kind: 'shape',
    shape: { hidden: 48, ffn: 96 },
    choice: { dropLayers: [4, 6, 7] },
  });
});

test.each([
  ['keepLayers=3-1', 'keepLayers is "3-1"'],
  ['keepLayers=', 'keepLayers is ""'],
  ['keepLayers=0-99999999', 'keepLayers is "0-99999999"'],
  ['keepLayers=1,dropLayers=2', 'keepLayers and dropLayers say the same twice'],
  ['layers=4,dropLayers=2', 'layers counts what is named already'],
])('%s is refused', (text, found) => {
  expect(() => parseTarget(text)).toThrow(found);
});
