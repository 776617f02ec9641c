// Tales that no training sees.
import { encodeDocument, type Model } from '@espalier/core';
import { tales } from '@espalier/plugins';

/** Some held-out tales in the model's tokens. */
export function documentsOf({ tokenizer }: Model, count = 16): readonly (readonly number[])[] {
  const documents: (readonly number[])[] = [];
  for (const tale of tales(1, 'validation')) if (documents.push(encodeDocument(tokenizer, tale)) === count) break;
  return documents;
}
