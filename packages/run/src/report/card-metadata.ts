// The metadata of a model card, as the Hugging Face hub defines it: YAML between two lines of dashes at the top of README.md. The one
// reader and the one writer; what the text below them says is the card's.
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { yamlOptions } from '../recipe/plain-yaml.js';

const words = z.union([z.string(), z.array(z.string())]);
const optionalText = z.string().optional().catch(undefined);
const optionalWords = words.optional().catch(undefined);
const schema = z.object({
  license: optionalWords,
  license_name: optionalText,
  license_link: optionalText,
  language: optionalWords,
  base_model: optionalWords,
  datasets: optionalWords,
});

/** What a card says about licence, languages and origin; an entry that is no text, or no list of texts, is left out. */
export type CardMetadata = z.infer<typeof schema>;

/** The metadata of a card's text; nothing where it has none, or none that can be read. */
export function readCardMetadata(card: string): CardMetadata {
  const front = /^\s*---[ \t]*\r?\n([\s\S]*?)\r?\n---[ \t]*(?:\r?\n|$)/.exec(card)?.[1];
  if (front === undefined) return {};
  const parsed = schema.safeParse(parsedYaml(front));
  return parsed.success ? parsed.data : {};
}

/** Metadata as the beginning of a card. Readers of YAML 1.1 (Python's) take words such as `no`, a language, for false: they are quoted. */
export function cardFront(metadata: unknown): string {
  return `---\n${stringify(metadata, { compat: 'yaml-1.1' })}---`;
}

function parsedYaml(text: string): unknown {
  try {
    return parse(text, yamlOptions);
  } catch {
    return undefined;
  }
}
