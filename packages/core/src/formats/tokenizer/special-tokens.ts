// Which tokens begin and end a text, gathered from the small files beside tokenizer.json. What is put around a document is decided
// by tokenizer.json alone, as transformers 5 does it: `add_bos_token` and `add_eos_token` count only where there is none.
import { join } from 'node:path';
import { z } from 'zod';
import { InputError } from '../../errors.js';
import { exists } from '../files.js';
import { resolveInside } from '../hugging-face/folder-files.js';
import { firstIssue, readJsonFile } from '../json.js';
import { quote } from '../quote.js';

/** Tokens as the files of a folder name them. */
export interface SpecialTokens {
  /** Begins a text that is sampled from nothing, unless the tokenizer puts something before it. */
  readonly bos?: number;
  /** Ends a document. */
  readonly eos?: number;
  /** Every token that ends generation. */
  readonly endTokens: readonly number[];
}

const token = z
  .union([z.string(), z.object({ content: z.string() })])
  .nullish()
  .transform((value) => (typeof value === 'string' ? value : value?.content));
const names = z.object({
  bos_token: token,
  eos_token: token,
  added_tokens_decoder: z
    .unknown()
    .optional()
    .transform((value) => value !== undefined),
});
const mapSchema = z.object({ bos_token: token, eos_token: token });
const ids = z
  .union([z.int(), z.array(z.int()).max(1000)])
  .nullish()
  .transform((value) => (typeof value === 'number' ? [value] : (value ?? [])));
const idsSchema = z.object({ bos_token_id: ids, eos_token_id: ids });

/** Reads them; `idOf` and `hasToken` ask the tokenizer. Throws `InputError` for a file that is malformed or of another tokenizer. */
export async function readSpecialTokens(
  folder: string,
  asked: string,
  tokenizer: { idOf(content: string): number | undefined; hasToken(id: number): boolean },
): Promise<SpecialTokens> {
  const config = await readPart(folder, 'tokenizer_config.json', names, asked);
  // transformers lets the older file win, unless tokenizer_config.json lists the added tokens itself.
  const map =
    config?.added_tokens_decoder === true
      ? undefined
      : await readPart(folder, 'special_tokens_map.json', mapSchema, asked);
  const generation = await readPart(folder, 'generation_config.json', idsSchema, asked);
  const model = await readPart(folder, 'config.json', idsSchema, asked);

  const named = (name: 'bos_token' | 'eos_token'): number | undefined => {
    const [content, file] =
      map?.[name] === undefined ? [config?.[name], 'tokenizer_config.json'] : [map[name], 'special_tokens_map.json'];
    if (content === undefined) return undefined;
    const id = tokenizer.idOf(content);
    if (id !== undefined) return id;
    throw new InputError({
      asked,
      found: `${file} names the token ${quote(content)}, which tokenizer.json does not have`,
      fix: 'The two files are not of the same tokenizer: get both again from one source',
    });
  };
  const listed = (name: 'bos_token_id' | 'eos_token_id'): readonly number[] => {
    const own = [generation?.[name], model?.[name]].find((list) => list !== undefined && list.length > 0) ?? [];
    return own.filter((id) => tokenizer.hasToken(id));
  };
  const bos = named('bos_token') ?? listed('bos_token_id')[0];
  const ends = listed('eos_token_id');
  const eos = named('eos_token') ?? ends[0];
  return {
    ...(bos === undefined ? {} : { bos }),
    ...(eos === undefined ? {} : { eos }),
    endTokens: [...new Set([...(eos === undefined ? [] : [eos]), ...ends])],
  };
}

async function readPart<T extends z.ZodType>(
  folder: string,
  name: string,
  schema: T,
  asked: string,
): Promise<z.output<T> | undefined> {
  if (!(await exists(join(folder, name)))) return undefined;
  const path = await resolveInside(folder, name, asked);
  const parsed = schema.safeParse((await readJsonFile(path, `${asked}, ${name}`)).value);
  if (parsed.success) return parsed.data;
  throw new InputError(
    {
      asked: `${asked}, ${name}`,
      found: `its special tokens cannot be read (${firstIssue(parsed.error)})`,
      fix: 'Get the tokenizer files of the model again from their source',
    },
    { cause: parsed.error },
  );
}
