// The tokenizer of a model folder: tokenizer.json, read as Hugging Face's own implementation reads it.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { InputError } from '../../errors.js';
import type { TextCodec } from '../../model/index.js';
import { exists, readSmallFile } from '../files.js';
import { resolveInside } from '../hugging-face/folder-files.js';
import { firstIssue, parseJson } from '../json.js';
import { quote } from '../quote.js';
import { withDeadline } from './deadline.js';
import { createPipeline, type TokenizerPipeline } from './pipeline.js';
import { readSpecialTokens } from './special-tokens.js';

/** The tokenizer of a model folder. */
export interface Tokenizer extends TextCodec {
  /** SHA-256 of tokenizer.json, in hex. */
  readonly fingerprint: string;
}

const fileName = 'tokenizer.json';

/** Every text may take so long, in milliseconds, and so much more for each of its characters: far beyond what any real one takes. */
const DEADLINE = 2000;
const DEADLINE_PER_CHARACTER = 0.02;
/** Texts below this need no deadline where there is no regular expression. */
const SHORT = 20_000;

/** Opens the tokenizer.json of a model folder. Throws `InputError` where it is missing or cannot be read. */
export async function openTokenizer(folder: string): Promise<Tokenizer> {
  const asked = `open the tokenizer of ${quote(folder)}`;
  if (!(await exists(join(folder, fileName))))
    throw new InputError({
      asked,
      found: `the folder has no ${fileName}`,
      fix: `Add it; from older tokenizer files, transformers makes it: AutoTokenizer.from_pretrained(folder).save_pretrained(folder)`,
    });
  const bytes = await readSmallFile(await resolveInside(folder, fileName, asked), asked);
  const { text, value } = parseJson(bytes, `${asked}, ${fileName}`);
  const pipeline = explained(asked, () => createPipeline(value));
  const hasToken = (id: number): boolean => pipeline.tokenOf(id) !== undefined;
  const strange = [...pipeline.prefix, ...pipeline.suffix].find((id) => !hasToken(id));
  if (strange !== undefined)
    throw malformed(asked, new Error(`its post-processor adds the id ${strange}, which no token has`));
  const { bos, eos, endTokens } = await readSpecialTokens(folder, asked, { idOf: pipeline.idOf, hasToken });
  const { prefix, suffix, vocabularySize } = pipeline;
  const first = bos ?? eos;
  return {
    vocabularySize,
    prefix,
    suffix,
    sampleStart: prefix.length > 0 || first === undefined ? prefix : [first],
    ...(eos === undefined ? {} : { eos }),
    endTokens,
    hasToken,
    fingerprint: createHash('sha256').update(bytes).digest('hex'),
    encode: encoder(pipeline, folder, text.includes('"Regex"')),
    decode: (ids) => decode(pipeline, ids, folder),
  };
}

function encoder(pipeline: TokenizerPipeline, folder: string, hasExpressions: boolean): (text: string) => number[] {
  const asked = `encode a text with the tokenizer of ${quote(folder)}`;
  return (text) => {
    const lone = /\p{Cs}/u.exec(text);
    if (lone !== null)
      throw new InputError({
        asked,
        found: `at character ${lone.index} it holds half of a surrogate pair, which is no text`,
        fix: 'Replace it, for example by U+FFFD, or remove the text',
      });
    const work = (): number[] => explained(asked, () => pipeline.encode(text));
    if (!hasExpressions && text.length < SHORT) return work();
    return withDeadline(DEADLINE + DEADLINE_PER_CHARACTER * text.length, work, () => tooSlow(asked, text.length));
  };
}

function tooSlow(asked: string, length: number): InputError {
  return new InputError({
    asked,
    found: `a text of ${length} characters was not encoded in time: a regular expression of ${fileName} tries too many ways`,
    fix: 'Get the tokenizer files of the model again from a source that you trust',
  });
}

function decode(pipeline: TokenizerPipeline, ids: readonly number[], folder: string): string {
  const asked = `decode ${ids.length} token ids with the tokenizer of ${quote(folder)}`;
  const bad = ids.find((id) => pipeline.tokenOf(id) === undefined);
  if (bad !== undefined)
    throw new InputError({
      asked,
      found: `no token has the id ${bad}`,
      fix: `Ids must be whole numbers from 0 to ${pipeline.vocabularySize - 1}: check that the text was encoded with the same tokenizer`,
    });
  const work = (): string => explained(asked, () => pipeline.decode(ids));
  return work();
}

function malformed(asked: string, cause: unknown): InputError {
  const reason =
    cause instanceof z.ZodError ? firstIssue(cause) : cause instanceof Error ? cause.message : String(cause);
  return new InputError(
    {
      asked,
      found: `it is not a tokenizer that can be read (${reason.split('\n', 1).join().slice(0, 200)})`,
      fix: 'Get the tokenizer files of the model again from their source',
    },
    { cause },
  );
}

function explained<T>(asked: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw malformed(asked, cause);
  }
}
