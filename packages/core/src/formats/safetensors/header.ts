// The safetensors header: an 8-byte little-endian length, then that many bytes of JSON with each tensor's type, shape and
// byte range. Parsing checks every number before anything is allocated from it. No file is touched here.
import { InputError, InternalError } from '../../errors.js';
import { isObject, parseJson } from '../json.js';
import { quote } from '../quote.js';
import { isStorageType, storageSizes, type StorageType } from '../storage-type.js';

/** What a checkpoint says about one tensor. */
export interface TensorInfo {
  /** Its name, unique in the checkpoint. */
  readonly name: string;
  /** How its elements are stored. */
  readonly type: StorageType;
  /** Sizes of the axes, outermost first. */
  readonly shape: readonly number[];
}

/** A tensor and where its bytes lie, counted from the end of the header. */
export interface TensorSpan extends TensorInfo {
  readonly begin: number;
  readonly end: number;
}

export interface Header {
  /** In the order of the bytes, which follow each other without gap or overlap. */
  readonly spans: readonly TensorSpan[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** The reference implementation of safetensors draws the same line. */
const maximumHeaderBytes = 100_000_000;

const metadataKey = '__metadata__';
const damaged = 'The file is damaged or was cut short: copy or download it again';

/** Bytes of a tensor on disk; NaN where the shape is not a list of natural numbers or the size passes 2⁵³. */
export function tensorBytes({ type, shape }: Pick<TensorInfo, 'type' | 'shape'>): number {
  let bytes: number = storageSizes[type];
  for (const size of shape) {
    bytes *= size;
    if (!isNatural(size) || !Number.isSafeInteger(bytes)) return NaN;
  }
  return bytes;
}

/** Length of the JSON part as the first 8 bytes of a file claim it; not exact beyond 2⁵³. */
export function claimedLength(start: Uint8Array): number {
  return Number(new DataView(start.buffer, start.byteOffset, 8).getBigUint64(0, true));
}

/** Throws InputError if a header of the claimed length does not fit the file or passes the cap of 100 MB. */
export function checkLength(claimed: number, fileBytes: number, asked: string): void {
  if (claimed > maximumHeaderBytes)
    throw new InputError({
      asked,
      found: `the header claims ${claimed} bytes, more than the ${maximumHeaderBytes} a header may have`,
      fix: 'This is not a safetensors file, or a damaged one: check the path, or get the file again',
    });
  if (claimed > fileBytes - 8)
    throw new InputError({
      asked,
      found: `the header claims ${claimed} bytes, but only ${fileBytes - 8} follow its length`,
      fix: damaged,
    });
}

/** Parses the JSON part for a file with `dataBytes` bytes after it; throws InputError for anything that does not add up. */
export function parseHeader(json: Uint8Array, dataBytes: number, asked: string): Header {
  const fail = (found: string, fix = damaged): InputError => new InputError({ asked, found, fix });
  if (json[0] !== 0x7b) throw fail('the header does not begin with "{"');
  const { value } = parseJson(json, asked);
  if (!isObject(value)) throw fail('the header is not a JSON object');
  let metadata: Header['metadata'] = {};
  const spans: TensorSpan[] = [];
  for (const [name, entry] of Object.entries(value)) {
    if (name === metadataKey) {
      // Null is none, as for the reference implementation.
      if (entry !== null && !isTextRecord(entry)) throw fail('the metadata is not an object of strings');
      metadata = entry ?? {};
    } else {
      spans.push(parseSpan(name, entry, fail));
    }
  }
  spans.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let reached = 0;
  let previous = 'the header';
  for (const { name, begin, end } of spans) {
    if (begin > reached)
      throw fail(`the bytes ${reached} to ${begin} before tensor ${quote(name)} belong to no tensor`);
    if (begin < reached) throw fail(`tensor ${quote(name)} overlaps ${previous}`);
    reached = end;
    previous = `tensor ${quote(name)}`;
  }
  if (reached > dataBytes)
    throw fail(`${previous} ends at byte ${reached} of the data, but the file has only ${dataBytes} bytes of data`);
  if (reached < dataBytes) throw fail(`${dataBytes - reached} bytes after ${previous} belong to no tensor`);
  return { spans, metadata };
}

function parseSpan(name: string, entry: unknown, fail: (found: string, fix?: string) => InputError): TensorSpan {
  const tensor = `tensor ${quote(name)}`;
  // Written again, it would be a header that other tools refuse.
  if (/\p{Surrogate}/u.test(name)) throw fail(`${tensor} has half of a surrogate pair in its name`);
  if (!isObject(entry)) throw fail(`${tensor} is not described by an object`);
  const { dtype: type, shape, data_offsets: offsets } = entry;
  if (typeof type !== 'string') throw fail(`${tensor} has no dtype`);
  if (!isStorageType(type))
    throw fail(
      `${tensor} has dtype ${quote(type)}, which is not read here`,
      `Convert it to one of ${Object.keys(storageSizes).join(', ')}`,
    );
  if (!isNaturals(shape)) throw fail(`${tensor} has a shape that is not a list of natural numbers`);
  if (!isNaturals(offsets)) throw fail(`${tensor} has offsets that are not natural numbers`);
  const [begin, end] = offsets;
  if (begin === undefined || end === undefined || offsets.length > 2) throw fail(`${tensor} has not two offsets`);
  if (end < begin) throw fail(`${tensor} ends at byte ${end}, before it begins at ${begin}`);
  const bytes = tensorBytes({ type, shape });
  if (Number.isNaN(bytes)) throw fail(`${tensor} has a shape [${clip(shape)}] too large to exist`);
  if (bytes !== end - begin)
    throw fail(
      `${tensor}, ${type} [${clip(shape)}], needs ${bytes} bytes, but its offsets ${begin} to ${end} hold ${end - begin}`,
    );
  return { name, type, shape, begin, end };
}

/**
 * Gives each tensor its place in a file: larger element types first, otherwise in the order given, so that every tensor
 * starts at a multiple of its element size. Throws InternalError for a shape or name that no file can hold.
 */
export function layOut(infos: readonly TensorInfo[]): readonly TensorSpan[] {
  const names = new Set<string>();
  let begin = 0;
  return infos
    .toSorted((a, b) => storageSizes[b.type] - storageSizes[a.type])
    .map((info) => {
      const end = begin + tensorBytes(info);
      if (!Number.isSafeInteger(end))
        throw new InternalError(`tensor ${info.name} has the shape [${clip(info.shape)}]`);
      if (names.has(info.name) || info.name === metadataKey)
        throw new InternalError(`the tensor name ${info.name} is taken`);
      names.add(info.name);
      const span = { name: info.name, type: info.type, shape: info.shape, begin, end };
      begin = end;
      return span;
    });
}

/** The bytes of a file before its data: length and JSON, padded with spaces to a multiple of 8. */
export function formatHeader(spans: readonly TensorSpan[], metadata: Readonly<Record<string, string>>): Uint8Array {
  // Joined by hand: an object would reorder names that look like numbers.
  const fields = spans.map(
    ({ name, type, shape, begin, end }) =>
      `${JSON.stringify(name)}:${JSON.stringify({ dtype: type, shape, data_offsets: [begin, end] })}`,
  );
  if (Object.keys(metadata).length > 0) fields.unshift(`"${metadataKey}":${JSON.stringify(metadata)}`);
  const json = new TextEncoder().encode(`{${fields.join(',')}}`);
  const padded = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(8 + padded).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(padded), true);
  bytes.set(json, 8);
  return bytes;
}

function isTextRecord(value: unknown): value is Readonly<Record<string, string>> {
  return isObject(value) && Object.values(value).every((text) => typeof text === 'string');
}

function isNatural(value: unknown): value is number {
  return Number.isSafeInteger(value) && !Object.is(value, -0) && Number(value) >= 0;
}

function isNaturals(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every(isNatural);
}

function clip(shape: readonly number[]): string {
  return shape.length > 8 ? `${shape.slice(0, 8).join(', ')}, ...` : shape.join(', ');
}
