// What a run reads: text to train and to calibrate on, documents held back, and questions.
import {
  at,
  createStrategy,
  InputError,
  mixData,
  random,
  remembered,
  takeDocuments,
  type ClozeTokens,
  type DataSource,
  type Json,
  type Model,
  type OpenData,
  type TrainingDocuments,
  type Watch,
} from '@espalier/core';
import { openText, openTexts, textSpec } from '@espalier/plugins';
import { z } from 'zod';
import type { HubAccess } from '../hub/access.js';
import { isMix, textsOf, type DataSpec, type WeightedText } from '../recipe/data-schema.js';
import type { Workbench } from '../engine/workbench.js';
import { findData, locateData, type DataPlaces } from './locate-data.js';
import { checkOverlap, overlapOf } from './overlap.js';

export interface RunData {
  /** How documents are laid into batches. */
  readonly source: Pick<DataSource, 'layout'>;
  /** The same documents at every call of the same use; none is held out. */
  documents(use: 'training' | 'calibration' | 'pretraining'): TrainingDocuments;
  /** Documents to judge by; a costly source makes them at the first call. */
  validation(): Promise<readonly (readonly number[])[]>;
  readonly cloze: readonly ClozeTokens[];
  /** Whether a model writes it, so that nothing is made before it is asked for. */
  readonly costly: boolean;
  /** Tokens of one pass over the training text, where it has an end. */
  readonly tokens?: number;
  /** What the user should know about this data and this model. */
  readonly notice?: string;
  /** What it depends on, as plain data: digests of files, options of sources. */
  readonly identity: Json;
  close(): Promise<void>;
}

/** What data is opened with. */
export interface DataSetting {
  readonly bench: Workbench;
  readonly hub: HubAccess;
  /** The model whose tokenizer is used, and which may write the text. */
  readonly teacher: Model;
  /** File that standard input was written to, where it is the source. */
  readonly stdin?: string;
  /** Told how far reading or writing text has come. */
  readonly watch?: Watch;
}

/** What text is asked for. */
export interface DataRequest {
  readonly data: DataSpec | readonly WeightedText[];
  /** Text to evaluate on instead of a part that is held back. */
  readonly evaluation?: DataSpec;
  /** Whether evaluation text may be trained on as well; refused when not given. */
  readonly allowOverlap?: boolean;
  readonly seed: number;
  /** Tokens of the longest training sequence. */
  readonly length: number;
}

/** Tokens of a document at most, where evaluation text is written by a model. */
const EVALUATED_TOKENS = 256;

/** Opens text. Throws `InputError` for what cannot be read, is too little, or would be both trained on and judged by. */
export async function openRunData(request: DataRequest, setting: DataSetting): Promise<RunData> {
  const { data, evaluation, seed, length, allowOverlap: allowed = false } = request;
  const { layout, identity, data: own, texts } = await openTraining(data, { ...setting, seed, length });
  const other = evaluation && (await openEvaluation(evaluation, { ...setting, seed }));
  const overlap =
    other &&
    checkOverlap(await overlapOf({ training: texts, evaluation: other }), {
      data: namesOf(data),
      evaluation: evaluation.source,
      allowed,
    });
  if (own.costly !== true) await own.heldOut(); // too little text is told before anything is written
  // Text that a model writes is costly: all trainings read what was written for the first.
  const written = own.costly === true ? remembered(own.training(random(seed).fork('training'))) : undefined;
  const notices = [own.notice, other?.notice, overlap].filter((line) => line !== undefined);
  return {
    source: { layout },
    documents: (use) =>
      use === 'training' && written !== undefined ? written.documents : own.training(random(seed).fork(use)),
    validation: () => (other === undefined ? own.heldOut() : Promise.resolve(other.documents)),
    cloze: other?.cloze ?? own.questions ?? [],
    costly: own.costly === true,
    ...(own.tokens === undefined ? {} : { tokens: own.tokens() }),
    ...(notices.length === 0 ? {} : { notice: notices.join('; ') }),
    identity: { training: identity, evaluation: other?.identity ?? null },
    async close() {
      await written?.close();
      await own.close?.();
    },
  };
}

/** What evaluating alone reads. */
export interface EvaluationData {
  readonly documents: readonly (readonly number[])[];
  readonly cloze: readonly ClozeTokens[];
  readonly notice?: string;
  readonly identity: Json;
  /** SHA-256 of the files that were read. */
  readonly files?: readonly string[];
}

/** All documents of a finite text, or the held-out part of a stream, with its questions. Throws `InputError`. */
export async function openEvaluation(
  spec: DataSpec,
  setting: DataSetting & { readonly seed: number },
): Promise<EvaluationData> {
  const length = Math.min(setting.teacher.architecture.contextLength, EVALUATED_TOKENS) - 1;
  const { data, identity } = await openSource(spec, { ...setting, length });
  try {
    const { all, questions = [], notice, files } = data;
    const documents = all === undefined ? await data.heldOut() : await takeDocuments(all, Infinity);
    return { documents, cloze: questions, identity, ...(notice && { notice }), ...(files && { files }) };
  } finally {
    await data.close?.();
  }
}

type SourceSetting = DataSetting & { readonly seed: number; readonly length: number };

interface OpenSource {
  readonly data: OpenData;
  readonly layout: DataSource['layout'];
  readonly identity: Json;
}

/** The text that is trained on: one, or several that are mixed; `texts` are those that it is made of. Throws `InputError`. */
async function openTraining(
  data: DataSpec | readonly WeightedText[],
  setting: SourceSetting,
): Promise<OpenSource & { readonly texts: readonly OpenData[] }> {
  if (!isMix(data)) {
    const own = await openSource(data, setting);
    return { ...own, texts: [own.data] };
  }
  const opened: (OpenSource & { readonly weight: number })[] = [];
  const specs = textsOf(data);
  for (const [index, { weight }] of data.entries())
    opened.push({ ...(await openSource(at(specs, index), setting)), weight });
  return {
    data: mixData(opened, setting.teacher.tokenizer.eos),
    // Documents that would begin a sequence each can be laid end to end as well; short ones cannot go the other way.
    layout: opened.every(({ layout }) => layout === 'padded') ? 'padded' : 'packed',
    identity: opened.map(({ identity, weight }) => ({ identity, weight })),
    texts: opened.map((own) => own.data),
  };
}

/** What data is called in messages. */
function namesOf(data: DataSpec | readonly WeightedText[]): string {
  return textsOf(data)
    .map(({ source }) => source)
    .join('" and "');
}

async function openSource(spec: DataSpec, setting: SourceSetting): Promise<OpenSource> {
  const { bench, hub, teacher, stdin, seed, length, watch } = setting;
  const located = await locateData(spec, { container: bench.container, stdin }, { ...hub, ...(watch && { watch }) });
  const context = { ...bench.context, random: random(seed), teacher, length, ...(watch && { watch }) };
  const { source: name } = spec;
  const options = optionsOf(spec);
  if (located.kind === 'files') {
    const data = await openText({ name, files: located.files, ...textOptions(name, options) }, context);
    return { data, layout: 'packed', identity: data.identity };
  }
  const source = createStrategy(bench.container, 'data', located.name, options);
  const data = await source.open(context);
  return {
    data,
    layout: source.layout,
    identity: { source: name, options: z.json().parse(options), read: data.identity },
  };
}

/**
 * Looks for text without reading it or asking the hub, and gives whether it may have questions. Throws `InputError` for what is not
 * there, and for options that do not belong to it.
 */
export async function checkData(spec: DataSpec, places: DataPlaces): Promise<{ readonly mayAsk: boolean }> {
  const found = await findData(spec, places);
  if (found.kind === 'source') {
    await createStrategy(places.container, 'data', found.name, optionsOf(spec)).check?.();
    return { mayAsk: true };
  }
  const options = textOptions(spec.source, optionsOf(spec));
  // Standard input is written to its file when the run begins.
  if (found.kind === 'files' && spec.source !== '-') await openTexts(found.files, options);
  return { mayAsk: false };
}

/** What a specification has beside the place. */
function optionsOf({ source: _source, revision: _revision, files: _files, ...options }: DataSpec) {
  return options;
}

/** How files are read. Throws `InputError` for what does not belong to them. */
function textOptions(name: string, options: unknown): z.output<typeof textSpec> {
  const parsed = textSpec.safeParse(options);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const found = `${issue?.path.join('.') ?? ''} ${issue?.message ?? 'is not valid'}`.trim();
  const fix = `Files of text take ${Object.keys(textSpec.shape).join(', ')}`;
  throw new InputError({ asked: `read text "${name}"`, found, fix }, { cause: parsed.error });
}
