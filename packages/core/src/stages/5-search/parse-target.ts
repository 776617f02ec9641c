// Targets as people write them.
import type { CostStorage } from '../../cost/memory.js';
import { InputError } from '../../errors.js';
import { ownValue } from '../../own-value.js';
import {
  percentage,
  type Counted,
  type CountTarget,
  type PrunableSize,
  type ShapeTarget,
  type Target,
} from './target.js';

const units = { '': 1, k: 1e3, m: 1e6, b: 1e9, g: 1e9, t: 1e12 } as const;
const byteUnits = { b: 1, kb: 1e3, mb: 1e6, gb: 1e9, tb: 1e12, kib: 2 ** 10, mib: 2 ** 20, gib: 2 ** 30, tib: 2 ** 40 };
const timeUnits = { us: 1e-3, ms: 1, s: 1e3 } as const;
const storageTypes: readonly CostStorage[] = ['F32', 'F16', 'BF16', 'F8', 'I8'];

/** Own names, those of Hugging Face and those of Megatron, compared without case, `_` and `-`. */
const sizeNames: Readonly<Record<PrunableSize, readonly string[]>> = {
  hidden: ['hidden', 'hidden_size'],
  ffn: ['ffn', 'intermediate_size', 'ffn_hidden_size'],
  heads: ['heads', 'num_attention_heads'],
  kvHeads: ['kvHeads', 'num_key_value_heads', 'num_query_groups'],
  layers: ['layers', 'num_hidden_layers', 'num_layers'],
  attentionLayers: ['attentionLayers'],
  ffnLayers: ['ffnLayers'],
};

const bare = (name: string): string => name.toLowerCase().replace(/[_-]/g, '');

/**
 * Reads a share or number of parameters (`50%`, `4B`, `7.8B..8.5B`, `non-embedding=2.6B`), a shape (`hidden=48,ffn=96,layers=5`
 * in own, Hugging Face's or Megatron's names), layers by name (`keepLayers=0-3,8-11` or `dropLayers=4,6-7`, `dropAttention=3,5`,
 * `dropFeedForward=2`: counted from 0, both ends of a range meant; also `drop_layers`, as Model Optimizer spells it), memory (`memory=4GiB,storage=bf16,cache=f8,batch=1,length=4096`) or time on this
 * machine (`latency=20ms,batch=1,length=128`, `throughput=5k,batch=8,length=128`). Throws `InputError` for all else, and for
 * nothing or less.
 */
export function parseTarget(text: string): Target {
  const [first = ''] = text.split('=');
  switch (bare(first.trim())) {
    case 'memory':
      return parseMemory(text);
    case 'latency':
      return parseLatency(text);
    case 'throughput':
      return parseThroughput(text);
    case 'parameters':
      return parseCount(text, text.slice(text.indexOf('=') + 1), 'all');
    case 'nonembedding':
      return parseCount(text, text.slice(text.indexOf('=') + 1), 'non-embedding');
  }
  return text.includes('=') ? parseShape(text) : parseCount(text, text, 'all');
}

/** A share, a number, or a range of numbers. */
function parseCount(text: string, written: string, counted: Counted): CountTarget {
  const of = counted === 'all' ? {} : { counted };
  const share = /^([+-]?\d+(?:\.\d+)?)\s*%$/.exec(written.trim())?.[1];
  if (share !== undefined) {
    if (Number(share) > LARGEST_SHARE) throw refused(text, 'no model is cut to more than it is', 'Give at most 100%');
    if (Number(share) <= 0) throw refused(text, 'nothing would be left of the model', 'Give more than 0%');
    return { kind: 'share', share: Number(share) / 100, ...of };
  }
  const [from = '', to, ...rest] = written.split('..');
  if (rest.length > 0) throw unreadable(text);
  if (to === undefined) return { kind: 'parameters', parameters: parametersIn(text, from), ...of };
  const [least, parameters] = [parametersIn(text, from), parametersIn(text, to)];
  if (least <= parameters) return { kind: 'parameters', parameters, least, ...of };
  throw refused(text, 'the range ends before it begins', 'Write the smaller number first');
}

function parametersIn(text: string, written: string): number {
  // As errors and tables write numbers: 34,360.
  const exact = quantity(/^\s*\d{1,3}(?:,\d{3})+\s*$/.test(written) ? written.replaceAll(',', '') : written, units);
  if (exact === undefined) throw unreadable(text);
  checkRange(text, exact);
  const parameters = Math.round(exact); // 1.1M is 1100000.0000000001 in float64
  if (exact <= 0) throw refused(text, 'nothing would be left of the model', 'Give a positive number of parameters');
  if (Math.abs(parameters - exact) <= 1e-6 * exact) return parameters;
  const fix = exact < 1 ? `For a share, write ${percentage(exact)}` : 'Give a whole number';
  throw refused(text, 'a model has a whole number of parameters', fix);
}

/** A number and a unit, case aside; `undefined` for anything else. */
function quantity(written: string, known: Readonly<Record<string, number>>): number | undefined {
  const [, digits, unit = ''] = /^([+-]?\d+(?:\.\d+)?)\s*([a-zµ]*)$/i.exec(written.trim()) ?? [];
  const size = Object.entries(known).find(([name]) => name === unit.toLowerCase())?.[1];
  return digits === undefined || size === undefined ? undefined : Number(digits) * size;
}

/** Bytes that a size such as `4GiB`, `512MiB` or `8GB` says; `undefined` for what says none. */
export function byteCount(text: string): number | undefined {
  const bytes = quantity(text, byteUnits);
  return bytes === undefined || !(bytes > 0) ? undefined : bytes;
}

function parseMemory(text: string): Target {
  const {
    memory = '',
    storage = 'BF16',
    cache = storage,
    ...rest
  } = parts(text, ['memory', 'storage', 'cache', 'batch', 'length']);
  const bytes = byteCount(memory);
  if (bytes === undefined) {
    throw refused(text, `memory is "${memory}"`, 'Give a number and a unit: 4GiB, 512MiB, 8GB');
  }
  checkRange(text, bytes);
  const workload = {
    batch: whole(text, 'batch', rest['batch'] ?? '1'),
    length: whole(text, 'length', rest['length'] ?? '4096'),
  };
  return {
    kind: 'memory',
    bytes,
    serving: { ...workload, storage: storageIn(text, storage), cacheStorage: storageIn(text, cache) },
  };
}

function parseLatency(text: string): Target {
  const { latency = '', batch = '1', length = '128' } = parts(text, ['latency', 'batch', 'length']);
  const milliseconds = quantity(latency, timeUnits);
  if (milliseconds === undefined || milliseconds <= 0) {
    throw refused(text, `latency is "${latency}"`, 'Give a number and a unit: 20ms, 1.5s');
  }
  checkRange(text, milliseconds);
  return {
    kind: 'latency',
    milliseconds,
    workload: { batch: whole(text, 'batch', batch), length: whole(text, 'length', length) },
  };
}

function parseThroughput(text: string): Target {
  const { throughput = '', batch = '8', length = '128' } = parts(text, ['throughput', 'batch', 'length']);
  const tokensPerSecond = quantity(throughput, units);
  if (tokensPerSecond === undefined || tokensPerSecond <= 0) {
    throw refused(text, `throughput is "${throughput}"`, 'Give tokens per second: 5000, 5k');
  }
  checkRange(text, tokensPerSecond);
  return {
    kind: 'throughput',
    tokensPerSecond,
    workload: { batch: whole(text, 'batch', batch), length: whole(text, 'length', length) },
  };
}

/** `name=value` pairs with known names, each once. */
function parts(text: string, known: readonly string[]): Readonly<Partial<Record<string, string>>> {
  const found: Record<string, string> = {};
  for (const part of text.split(',')) {
    const [name = '', value = '', ...rest] = part.split('=').map((own) => own.trim());
    if (!known.includes(name.toLowerCase()) || rest.length > 0) {
      throw refused(text, `"${part.trim()}" is not part of such a target`, `Write ${known.join('=…, ')}=…`);
    }
    if (found[name.toLowerCase()] !== undefined) throw refused(text, `${name} is given twice`, 'Give each once');
    found[name.toLowerCase()] = value;
  }
  return found;
}

function whole(text: string, name: string, value: string): number {
  const number = /^\+?\d+(\.\d+)?[a-z]?$/i.test(value) ? quantity(value, units) : undefined;
  if (number !== undefined && number > LARGEST_SIZE) throw tooLarge(text, `${name} is "${value}"`);
  if (number !== undefined && Number.isInteger(number) && number > 0) return number;
  throw refused(text, `${name} is "${value}"`, 'Give a positive whole number');
}

function storageIn(text: string, written: string): CostStorage {
  const aliases: Readonly<Record<string, string>> = { FP32: 'F32', FP16: 'F16', FP8: 'F8', INT8: 'I8' };
  const upper = written.toUpperCase();
  const own = storageTypes.find((type) => type === (ownValue(aliases, upper) ?? upper));
  if (own !== undefined) return own;
  throw refused(text, `"${written}" is not a storage type`, `Known are ${storageTypes.join(', ')}`);
}

const choiceNames = ['keepLayers', 'dropLayers', 'dropAttention', 'dropFeedForward'] as const;
/** More than any model has; a range is listed. */
const MOST_LAYERS = 10_000;

/** `0-3,8` as a list, ascending. */
function layersIn(text: string, name: string, written: string): readonly number[] {
  const layers = written.split(',').flatMap((part) => {
    const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(part.trim()) ?? [];
    const [from, to] = [Number(first), Number(last)];
    if (first !== undefined && from <= to && to < MOST_LAYERS)
      return Array.from({ length: to - from + 1 }, (_, index) => from + index);
    throw refused(text, `${name} is "${part.trim()}"`, 'Give layers counted from 0, and ranges of them: 0-3,5,8-11');
  });
  return [...new Set(layers)].toSorted((a, b) => a - b);
}

function parseShape(text: string): ShapeTarget {
  const shape: Partial<Record<PrunableSize, number>> = {};
  const choice: Partial<Record<(typeof choiceNames)[number], readonly number[]>> = {};
  // A comma before a layer number belongs to the list of layers.
  for (const part of text.split(/,(?!\s*\d+\s*(?:-\s*\d+\s*)?(?:,|$))/)) {
    const [name = '', value = '', ...rest] = part.split('=').map((own) => own.trim());
    const chosen = choiceNames.find((own) => bare(own) === bare(name));
    if (chosen !== undefined && rest.length === 0) {
      if (choice[chosen] !== undefined) throw refused(text, `${chosen} is given twice`, 'Give it once');
      choice[chosen] = layersIn(text, chosen, value);
      continue;
    }
    const size = sizeOf(name);
    if (size === undefined || rest.length > 0) {
      const known = Object.values(sizeNames).map((names) => names.join(' or '));
      const found = `"${part.trim()}" is not a size that pruning can change`;
      throw refused(text, found, `Write ${known.join(', ')} = a number`);
    }
    if (shape[size] !== undefined) throw refused(text, `${size} is given twice`, 'Give every size once');
    if (!/^\+?\d+$/.test(value) || Number(value) === 0) {
      throw refused(text, `${name} is "${value}"`, 'Give a positive whole number');
    }
    if (Number(value) > LARGEST_SIZE) throw tooLarge(text, `${name} is "${value}"`);
    shape[size] = Number(value);
  }
  const both = choice.keepLayers !== undefined && choice.dropLayers !== undefined;
  const counted = (['layers', 'attentionLayers', 'ffnLayers'] as const).find((size) => shape[size] !== undefined);
  if (both || (counted !== undefined && Object.keys(choice).length > 0)) {
    const found = both ? 'keepLayers and dropLayers say the same twice' : `${counted} counts what is named already`;
    throw refused(text, found, 'Give one of them');
  }
  return { kind: 'shape', shape, ...(Object.keys(choice).length === 0 ? {} : { choice }) };
}

function sizeOf(name: string): PrunableSize | undefined {
  return (Object.keys(sizeNames) as PrunableSize[]).find((size) =>
    sizeNames[size].some((known) => bare(known) === bare(name)),
  );
}

/** Largest size of a tensor's axis, batch or sequence: what an index of 32 bits reaches. */
const LARGEST_SIZE = 2 ** 31 - 1;
/** Percent; 100 and what is a little above are refused later, with the model's own sizes. */
const LARGEST_SHARE = 1e6;

function tooLarge(text: string, found: string): InputError {
  return refused(text, found, `Give at most ${LARGEST_SIZE}`);
}

/** Throws `InputError` for what float64 does not count exactly. */
function checkRange(text: string, value: number): void {
  if (value <= Number.MAX_SAFE_INTEGER) return;
  throw refused(text, `no model, memory or time is of ${value.toPrecision(3)}`, 'Give a smaller number');
}

function unreadable(text: string): InputError {
  const fix =
    'Write a share (50%), a number of parameters (4B, 130K, 130016) or a shape (hidden=48,ffn=96), non-embedding=2.6B, ' +
    'memory=4GiB, latency=20ms or throughput=5k';
  return refused(text, 'it is none of the forms of a target', fix);
}

function refused(text: string, found: string, fix: string): InputError {
  return new InputError({ asked: `prune to "${text}"`, found, fix });
}
