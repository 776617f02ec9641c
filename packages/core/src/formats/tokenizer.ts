// Text to token ids and back, by a model's tokenizer.json alone; tokenizer_config.json only names the tokens that begin and
// end a text. Special tokens are never added here: that is for whoever packs sequences.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { Tokenizer as HubTokenizer } from '@huggingface/tokenizers';
import { z } from 'zod';
import { InputError } from '../errors.js';
import { exists, readSmallFile } from './files.js';
import { resolveInside } from './hugging-face/folder-files.js';
import { firstIssue, isObject, parseJson, readJsonFile } from './json.js';
import { quote } from './quote.js';

/** The tokenizer of a model folder. */
export interface Tokenizer {
  /** One more than the largest id. */
  readonly vocabularySize: number;
  /** Id of the token that begins a text, where the model has one. */
  readonly bos?: number;
  /** Id of the token that ends a text, where the model has one. */
  readonly eos?: number;
  /** Ids of a text, nothing added; a special token spelled out in the text becomes its id, as it does in transformers. */
  encode(text: string): number[];
  /** Text of ids, special tokens included, spaces left as they are; throws InputError for an id that no token has. */
  decode(ids: readonly number[]): string;
  /** SHA-256 of tokenizer.json, in hex. */
  readonly fingerprint: string;
}

const fileName = 'tokenizer.json';

// The library fills an array up to the largest id, so ids are bounded before it sees them.
const id = z
  .int()
  .min(0)
  .max(2 ** 24);
const tokenizerSchema = z.object({
  model: z.object({
    type: z.enum(['BPE', 'WordPiece', 'Unigram', 'WordLevel']).optional(),
    vocab: z.union([z.record(z.string(), id), z.array(z.tuple([z.string(), z.number()]))]),
    unk_token: z.string().nullish(),
  }),
  added_tokens: z.array(z.object({ id, content: z.string() })),
});

const token = z.union([z.string(), z.object({ content: z.string() })]).nullish();
const specialsSchema = z.object({ bos_token: token, eos_token: token });

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
  const { value } = parseJson(bytes, `${asked}, ${fileName}`);
  const checked = tokenizerSchema.safeParse(value);
  if (!checked.success) throw malformed(asked, checked.error);
  const { model, added_tokens: added } = checked.data;
  const inner = explained(
    () => {
      const given = isObject(value) ? { ...value, pre_tokenizer: repaired(value['pre_tokenizer']) } : {};
      // A model of whole words takes its unknown token from the second object only.
      return new HubTokenizer(given, { clean_up_tokenization_spaces: false, unk_token: model.unk_token });
    },
    (cause) => malformed(asked, cause),
  );
  const ids = Array.isArray(model.vocab) ? model.vocab.keys() : Object.values(model.vocab);
  let vocabularySize = 0;
  for (const used of [...ids, ...added.map((each) => each.id)]) vocabularySize = Math.max(vocabularySize, used + 1);
  const special = await specialTokens(folder, (content) => inner.token_to_id(content), asked);
  return {
    vocabularySize,
    ...special,
    fingerprint: createHash('sha256').update(bytes).digest('hex'),
    encode: (text) => encode(inner, text, folder),
    decode: (list) => decode(inner, list, folder, vocabularySize),
  };
}

/** The library's `Whitespace` knows ASCII letters only; its `Split` with the pattern that defines `Whitespace` knows all. */
function repaired(step: unknown): unknown {
  if (!isObject(step)) return step;
  if (step['type'] === 'Whitespace')
    return { type: 'Split', pattern: { Regex: String.raw`\w+|[^\w\s]+` }, behavior: 'Removed', invert: true };
  const { pretokenizers } = step;
  return Array.isArray(pretokenizers) ? { ...step, pretokenizers: pretokenizers.map(repaired) } : step;
}

function encode(inner: HubTokenizer, text: string, folder: string): number[] {
  const asked = `encode a text with the tokenizer of ${quote(folder)}`;
  const { ids } = explained(
    () => inner.encode(text, { add_special_tokens: false }),
    (cause) => malformed(asked, cause),
  );
  // The library gives `undefined` where neither the piece nor an unknown token has an id.
  if (ids.every(Number.isInteger)) return ids;
  throw malformed(asked, new Error('a piece of the text has no id, and the tokenizer has no token for unknown pieces'));
}

function decode(inner: HubTokenizer, ids: readonly number[], folder: string, vocabularySize: number): string {
  const asked = `decode ${ids.length} token ids with the tokenizer of ${quote(folder)}`;
  const bad = ids.find((each) => inner.id_to_token(each) === undefined);
  if (bad !== undefined)
    throw new InputError({
      asked,
      found: `no token has the id ${bad}`,
      fix: `Ids must be whole numbers from 0 to ${vocabularySize - 1}: check that the text was encoded with the same tokenizer`,
    });
  if (ids.length === 0) return ''; // the library refuses an empty list
  return explained(
    () => inner.decode([...ids], { skip_special_tokens: false, clean_up_tokenization_spaces: false }),
    (cause) => malformed(asked, cause),
  );
}

/** Ids of the tokens that begin and end a text, from the first of the two files that names them. */
async function specialTokens(
  folder: string,
  idOf: (content: string) => number | undefined,
  asked: string,
): Promise<{ readonly bos?: number; readonly eos?: number }> {
  const found: { bos?: number; eos?: number } = {};
  for (const name of ['tokenizer_config.json', 'special_tokens_map.json']) {
    if (!(await exists(join(folder, name)))) continue;
    const path = await resolveInside(folder, name, asked);
    const parsed = specialsSchema.safeParse((await readJsonFile(path, `${asked}, ${name}`)).value);
    if (!parsed.success) throw malformed(`${asked}, ${name}`, parsed.error);
    const lookUp = (value: z.infer<typeof token>): number | undefined => {
      if (value === undefined || value === null) return undefined;
      const content = typeof value === 'string' ? value : value.content;
      const known = idOf(content);
      if (known !== undefined) return known;
      throw new InputError({
        asked,
        found: `${name} names the token ${quote(content)}, which ${fileName} does not have`,
        fix: 'The two files are not of the same tokenizer: get both again from one source',
      });
    };
    found.bos ??= lookUp(parsed.data.bos_token);
    found.eos ??= lookUp(parsed.data.eos_token);
  }
  return found;
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

function explained<T>(work: () => T, explain: (cause: unknown) => InputError): T {
  try {
    return work();
  } catch (cause) {
    throw explain(cause);
  }
}
