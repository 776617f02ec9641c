import { expect, test } from 'vitest';
import type { TensorInfo } from '../../formats/index.js';
import { toyModel } from '../testing/toy-model.js';
import { writtenConfig } from './written-config.js';

const architecture = { ...toyModel().architecture, layers: 2 };
const tensors: readonly TensorInfo[] = [
  { name: 'norm', type: 'F32', shape: [8] },
  { name: 'matrix', type: 'BF16', shape: [8, 8] },
];

test('the dtype is that of the weights that are written, under the names that the config has', () => {
  expect(writtenConfig({ torch_dtype: 'float16', other: 1 }, architecture, tensors, undefined)).toEqual({
    torch_dtype: 'bfloat16',
    other: 1,
  });
  expect(writtenConfig({ dtype: 'float32', torch_dtype: 'float32' }, architecture, tensors, 'F16')).toEqual({
    dtype: 'float16',
    torch_dtype: 'float16',
  });
  expect(writtenConfig({}, architecture, tensors, undefined)).toEqual({});
  expect(writtenConfig({}, architecture, tensors, 'F16')).toEqual({ torch_dtype: 'float16' });
});

test('entries about packed weights, custom code and heads to cut are left out', () => {
  const config = {
    quantization_config: { bits: 4 },
    auto_map: { AutoModel: 'a.py--A' },
    pruned_heads: { 0: [1] },
    kept: true,
  };
  expect(writtenConfig(config, architecture, tensors, undefined)).toEqual({ kept: true });
});

test('max_window_layers never passes the number of layers', () => {
  expect(writtenConfig({ max_window_layers: 28 }, architecture, tensors, undefined)).toEqual({ max_window_layers: 2 });
  expect(writtenConfig({ max_window_layers: 1 }, architecture, tensors, undefined)).toEqual({ max_window_layers: 1 });
});
