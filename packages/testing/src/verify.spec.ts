// What is built passes the check of finished graphs.
import { simplify, verify } from '@espalier/core/graph';
import { describe, expect, test } from 'vitest';
import { compositeCases } from './composite-cases.js';
import { opCases } from './op-cases.js';

describe('every case passes, plain and simplified', () => {
  test.each([...Object.entries(opCases), ...Object.entries(compositeCases)])('%s', (_name, cases) => {
    for (const graphCase of cases) {
      const results = Object.values(graphCase.build().outputs);
      expect(() => verify(results)).not.toThrow();
      const simple = simplify(results);
      expect(() => verify(results.map((result) => simple.get(result) ?? result))).not.toThrow();
    }
  });
});
