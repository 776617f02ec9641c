import { describe, expect, it } from 'vitest';
import { formatConfig } from './config-text.js';

// As Python's json.dumps(config, indent=2) prints it.
const original = `{
  "architectures": [
    "LlamaForCausalLM"
  ],
  "empty": {},
  "eos_token_id": [
    1,
    2
  ],
  "id2label": {
    "0": "na\\u00efve \\ud83c\\udf33",
    "10": "a\\"b\\\\c\\n"
  },
  "initializer_range": 0.02,
  "none": [],
  "pad_token_id": null,
  "rms_norm_eps": 1e-05,
  "rope_scaling": {
    "factor": 8.0,
    "original_max_position_embeddings": 8192
  },
  "rope_theta": 500000.0,
  "use_cache": true,
  "vocab_size": 512
}
`;
const parse = (text: string): Record<string, unknown> => JSON.parse(text) as Record<string, unknown>;

describe('formatConfig', () => {
  it('gives back the text that Python wrote, spelling of numbers included', () => {
    expect(formatConfig(parse(original), original)).toBe(original);
  });

  it('keeps floats as floats where a number changed, and follows numbers to where they stand now', () => {
    const changed = { ...parse(original), rope_theta: 10000, vocab_size: 256, rms_norm_eps: 0.001, hidden_size: 48 };
    const text = formatConfig(changed, original);
    expect(text).toContain('"rope_theta": 10000.0,');
    expect(text).toContain('"vocab_size": 256,');
    expect(text).toContain('"rms_norm_eps": 0.001,');
    expect(text).toContain('"factor": 8.0,');
    expect(text.endsWith('"hidden_size": 48\n}\n')).toBe(true);
  });

  it('writes the order given, and nothing for what is undefined', () => {
    expect(formatConfig({ b: 1, a: undefined, c: [] })).toBe('{\n  "b": 1,\n  "c": []\n}\n');
  });

  it('carries a number beyond the range of numbers as it stood', () => {
    const text = '{\n  "model_max_length": 1e999,\n  "b": [\n    -1E400\n  ]\n}\n';
    expect(formatConfig(parse(text), text)).toBe(text);
  });

  it.each([{ a: NaN }, { a: [Infinity] }, { a: () => 1 }, { a: 1n }])('refuses what JSON cannot hold: %o', (config) => {
    expect(() => formatConfig(config)).toThrow('internal: config value at /a');
  });
});
