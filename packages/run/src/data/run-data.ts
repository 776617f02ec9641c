// What a run reads: text to train and to calibrate on, documents held back, and questions.
import {
  createStrategy,
  digestFile,
  digestJson,
  random,
  remembered,
  takeDocuments,
  type DataContext,
  type DataSource,
  type Json,
  type Model,
  type TokenDocuments,
} from '@espalier/core';
import { teacherSource, tinyTalesSource, type ClozeTokens } from '@espalier/plugins';
import type { HubAccess } from '../hub/access.js';
import type { DataSpec } from '../recipe/schema.js';
import type { Workbench } from '../engine/workbench.js';
import { locateData, type LocatedData } from './locate-data.js';
import { encodeAll, splitDocuments } from './text-documents.js';
import { openTexts } from './texts.js';
import { tinyTalesEvaluation } from './tinytales-text.js';

export interface RunData {
  readonly source: DataSource;
  /** The same documents at every call of the same use. */
  documents(use: 'training' | 'calibration' | 'pretraining'): TokenDocuments;
  /** Documents that no training sees; made at the first call. */
  validation(): Promise<readonly (readonly number[])[]>;
  readonly cloze: readonly ClozeTokens[];
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
}

/** What text is asked for. */
export interface DataRequest {
  readonly data: DataSpec;
  /** Text to evaluate on instead of a part that is held back. */
  readonly evaluation?: DataSpec;
  readonly seed: number;
  /** Tokens of the longest training sequence. */
  readonly length: number;
}

/** Documents held back of endless sources. */
const HELD_BACK = 128;

/** Opens text. Throws `InputError` for what cannot be read or is too little. */
export async function openRunData(request: DataRequest, setting: DataSetting): Promise<RunData> {
  const { data, evaluation, seed, length } = request;
  const { bench, teacher } = setting;
  const own = await openSource(data, { ...setting, seed, length });
  const other = evaluation && (await openEvaluation(evaluation, { ...setting, seed }));
  const context = (use: string): DataContext => ({
    backend: bench.context.backend,
    teacher,
    random: random(seed).fork(use),
  });
  // Text that a model writes is costly: all trainings read what was written for the first.
  const written = own.costly ? remembered(own.source.documents(context('training'))) : undefined;
  const validation = other?.documents ?? own.validation;
  return {
    source: own.source,
    documents: (use) =>
      use === 'training' && written !== undefined ? written.documents : own.source.documents(context(use)),
    validation: async () => validation ?? (await takeDocuments(own.source.documents(context('validation')), HELD_BACK)),
    cloze: other?.cloze ?? own.cloze,
    ...(own.notice === undefined ? {} : { notice: own.notice }),
    identity: { training: own.identity, evaluation: other?.identity ?? null },
    close: async () => written?.close(),
  };
}

interface OpenSource {
  readonly source: DataSource;
  /** Documents held back; drawn from the source when not given. */
  readonly validation?: readonly (readonly number[])[];
  readonly cloze: readonly ClozeTokens[];
  readonly notice?: string;
  readonly costly: boolean;
  readonly identity: Json;
}

type SourceSetting = DataSetting & { readonly seed: number; readonly length: number };

async function openSource(spec: DataSpec, setting: SourceSetting): Promise<OpenSource> {
  const { bench, hub, teacher, stdin, seed, length } = setting;
  const { tokenizer } = teacher;
  const located = await locateData(spec, bench.container, hub, stdin);
  const identity = await identityOf(spec, located);
  switch (located.kind) {
    case 'tinytales': {
      const { documents, ...rest } = tinyTalesEvaluation(seed, tokenizer);
      return { source: tinyTalesSource, validation: documents, ...rest, costly: false, identity };
    }
    case 'teacher':
      return { source: teacherSource({ length: length + 1, ...spec.options }), cloze: [], costly: true, identity };
    case 'plugin': {
      const source = createStrategy(bench.container, 'data', located.name, spec.options);
      return { source, cloze: [], costly: false, identity };
    }
    case 'files': {
      const texts = await openTexts(located.files, spec);
      const split = await splitDocuments(spec.source, texts, tokenizer, length);
      return { ...split, cloze: [], costly: false, identity };
    }
  }
}

/** What evaluating alone reads. */
export interface EvaluationData {
  readonly documents: readonly (readonly number[])[];
  readonly cloze: readonly ClozeTokens[];
  readonly notice?: string;
  readonly identity: Json;
}

/** All documents of a text, or held-back tales and their cloze task. Throws `InputError`. */
export async function openEvaluation(
  spec: DataSpec,
  { bench, hub, teacher, stdin, seed }: DataSetting & { readonly seed: number },
): Promise<EvaluationData> {
  const { tokenizer } = teacher;
  const located = await locateData(spec, bench.container, hub, stdin);
  const identity = await identityOf(spec, located);
  if (located.kind === 'tinytales') return { ...tinyTalesEvaluation(seed, tokenizer), identity };
  if (located.kind === 'files') {
    const documents = await encodeAll(spec.source, await openTexts(located.files, spec), tokenizer);
    return { documents, cloze: [], identity };
  }
  const source =
    located.kind === 'teacher'
      ? teacherSource({ length: Math.min(teacher.architecture.contextLength, 256), ...spec.options })
      : createStrategy(bench.container, 'data', located.name, spec.options);
  const context = { backend: bench.context.backend, teacher, random: random(seed).fork('validation') };
  return { documents: await takeDocuments(source.documents(context), HELD_BACK), cloze: [], identity };
}

async function identityOf({ source, split, field, options }: DataSpec, located: LocatedData): Promise<Json> {
  if (located.kind !== 'files') return { source, options: options ?? {} };
  const digests: string[] = [];
  for (const file of located.files) digests.push((await digestFile(file)).sha256);
  return { files: digestJson(digests), split, field };
}
