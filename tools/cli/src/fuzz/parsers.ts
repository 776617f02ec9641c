// Everything that reads what somebody else wrote, each as a function of bytes.
import { join } from 'node:path';
import {
  at,
  InputError,
  openModelFolder,
  openTokenizer,
  parseTarget,
  readStatistics,
  terminalText,
} from '@espalier/core';
import { llama, mistral, nemotron, openTexts, qwen2, qwen3 } from '@espalier/plugins';
import {
  assign,
  checkStrategies,
  createWorkbench,
  expandTarget,
  modelCard,
  parseEvents,
  plainYaml,
  readGpus,
  readAssignment,
  readRecipe,
  readRecord,
  reportFromEvents,
  reportHtml,
  yamlOptions,
  backendOf,
  lockOwner,
  openNewestCheckpoint,
  verifyUnits,
} from '@espalier/run';
import { InvalidArgumentError } from 'commander';
import { parseDocument } from 'yaml';
import { fraction, integer, limits, positive, temperature } from '../flags.js';
import { corpusOf, file, lines, one, withHeader, type Parser } from './corpus.js';
import { hubParsers } from './hub-parsers.js';
import { storedParsers } from './stored-parsers.js';

const three = withHeader(at(corpusOf('header'), 0), 32);
const other = withHeader(Buffer.from('{"v":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}'), 0);
const families = [llama(), mistral(), nemotron(), qwen2(), qwen3()];
const bench = createWorkbench({ seed: 1 });
const parsedRecipe: unknown = JSON.parse(at(corpusOf('recipe-record'), 0).toString());

async function openFolder(folder: string): Promise<void> {
  const model = await openModelFolder(folder);
  await model.checkpoint.close();
}

async function readTexts(path: string, format: 'text' | 'jsonl' | 'parquet', field: string): Promise<void> {
  const texts = await openTexts([path], { split: 'lines', field, format });
  const read: AsyncIterable<unknown> = texts.read(); // its type says what is checked here
  for await (const text of read)
    if (typeof text !== 'string' && text !== null) throw new TypeError('a text is no text');
}

/** Flags throw commander's own error, which the parser of the command line turns into exit code 2. */
function flag(read: (text: string) => number, text: string): void {
  try {
    if (!Number.isFinite(read(text))) throw new TypeError(`${text} was taken for a number`);
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
  }
}

/** Every reader. */
export function parsers(): readonly Parser[] {
  const config = JSON.stringify({ model_type: 'llama' });
  return [
    one('header', (bytes, folder) => {
      file(folder, 'config.json', config);
      file(folder, 'model.safetensors', withHeader(bytes, 32));
      return openFolder(folder);
    }),
    one('safetensors', (bytes, folder) => {
      file(folder, 'config.json', config);
      file(folder, 'model.safetensors', bytes);
      return openFolder(folder);
    }),
    one('index', (bytes, folder) => {
      file(folder, 'config.json', config);
      file(folder, 'model-00001-of-00002.safetensors', three);
      file(folder, 'model-00002-of-00002.safetensors', other);
      file(folder, 'model.safetensors.index.json', bytes);
      return openFolder(folder);
    }),
    one('config', async (bytes, folder) => {
      file(folder, 'config.json', bytes);
      file(folder, 'model.safetensors', three);
      const model = await openModelFolder(folder);
      try {
        const family = families.find(({ modelTypes }) =>
          modelTypes.some((type) => type === model.config['model_type']),
        );
        family?.readConfig(model.config);
      } finally {
        await model.checkpoint.close();
      }
    }),
    ...(['tokenizer', 'tokenizer-config'] as const).map((name) =>
      one(name, async (bytes, folder) => {
        const whole = at(corpusOf('tokenizer'), -1);
        file(folder, 'tokenizer.json', name === 'tokenizer' ? bytes : whole);
        file(folder, 'tokenizer_config.json', name === 'tokenizer' ? '{}' : bytes);
        const tokenizer = await openTokenizer(folder);
        tokenizer.decode(tokenizer.encode('the cat, 12 ünïcödé\n<s>'));
      }),
    ),
    one('recipe', async (bytes, folder) => {
      const { recipe, locate } = await readRecipe(file(folder, 'recipe.yaml', bytes), {}, {});
      checkStrategies(recipe, bench.container, locate);
    }),
    one('recipe', (bytes) => {
      const read = plainYaml(parseDocument(bytes.toString(), yamlOptions));
      if ('value' in read) JSON.stringify(read.value);
    }),
    one('events', (bytes) => {
      const page = reportHtml(reportFromEvents(parseEvents(bytes.toString()), 'run'));
      if (page !== terminalText(page)) throw new TypeError('the report holds characters that drive a terminal');
      if (/<script/i.test(page)) throw new TypeError('the report holds a script');
    }),
    one('events', (bytes) => {
      const subject = { name: 'm', row: 'width/distilled', base: 'b' };
      modelCard(subject, reportFromEvents(parseEvents(bytes.toString()), 'run'));
    }),
    one('gpus', (bytes, folder) => readGpus(file(folder, 'gpus.yaml', bytes))),
    one('card', (bytes) => {
      const report = reportFromEvents([], 'run');
      const card = modelCard({ name: 'm', row: 'width/distilled', base: 'b', baseCard: bytes.toString() }, report);
      if (card !== terminalText(card)) throw new TypeError('the card holds characters that drive a terminal');
    }),
    one('run', (bytes, folder) => {
      file(folder, 'run.json', bytes);
      file(folder, 'recipe.json', at(corpusOf('recipe-record'), 0));
      return readRecord(folder);
    }),
    one('recipe-record', (bytes, folder) => {
      file(folder, 'run.json', at(corpusOf('run'), 0));
      file(folder, 'recipe.json', bytes);
      return readRecord(folder);
    }),
    one('manifest', (bytes, folder) => {
      file(join(folder, 'stages', 'width', 'prune'), 'manifest.json', bytes);
      return verifyUnits(folder);
    }),
    one('checkpoint', async (bytes, folder) => {
      file(join(folder, 'step-000000001'), 'manifest.json', bytes);
      file(join(folder, 'step-000000001'), 'position.json', '{"step":1,"batches":1,"losses":[1]}');
      await (await openNewestCheckpoint(folder, { seed: 1 }, () => undefined))?.close();
    }),
    one('statistics', (bytes, folder) => {
      const header = JSON.stringify({
        __metadata__: { 'espalier.statistics': bytes.toString() },
        a: { dtype: 'F32', shape: [2, 4], data_offsets: [0, 32] },
      });
      return readStatistics(file(folder, 'statistics.safetensors', withHeader(Buffer.from(header), 32)));
    }),
    one('lock', (bytes, folder) => {
      file(folder, '.lock', bytes);
      return lockOwner(folder);
    }),
    one('jsonl', (bytes, folder) => readTexts(file(folder, 'a.jsonl', bytes), 'jsonl', 'text')),
    one('jsonl', (bytes, folder) => readTexts(file(folder, 'a.jsonl', bytes), 'jsonl', 'message.content')),
    one('text', (bytes, folder) => readTexts(file(folder, 'a.txt', bytes), 'text', 'text')),
    one('parquet', (bytes, folder) => readTexts(file(folder, 'a.parquet', bytes), 'parquet', 'text')),
    lines('target', (text) => parseTarget(expandTarget(text))),
    lines('flag', (text) => {
      for (const read of [integer, fraction, temperature, positive(limits.batch), positive(limits.tokens)])
        flag(read, text);
    }),
    lines('set', (text) => assign(parsedRecipe, readAssignment(text, '/', {}))),
    lines('backend', (text) => {
      createWorkbench({ seed: 1, backend: backendOf(text) });
    }),
    ...hubParsers(),
    ...storedParsers(),
    lines('target', (text) => {
      throw new InputError({ asked: text, found: text, fix: text });
    }),
  ];
}
