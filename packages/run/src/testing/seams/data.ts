import { openDocuments, pathOption, strategy } from '@espalier/core';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';

export const data = strategy('data', {
  name: 'chat',
  summary: 'conversations, a line each, turns between tabs; every second turn is learnt',
  options: z.strictObject({ path: pathOption() }),
  create: ({ path }) => ({
    layout: 'padded',
    async open({ teacher: { tokenizer } }) {
      const lines = (await readFile(path, 'utf8')).trim().split('\n');
      const turns = lines.map((line) => [tokenizer.prefix, ...line.split('\t').map((own) => tokenizer.encode(own))]);
      const weights = (own: readonly number[], turn: number) => own.map(() => (turn > 0 && turn % 2 === 0 ? 1 : 0));
      return openDocuments(turns.map((own) => ({ ids: own.flat(), weights: own.flatMap(weights) })));
    },
  }),
});
