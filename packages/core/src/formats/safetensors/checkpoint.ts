// Reading safetensors: a checkpoint is one file or several seen as one. Opening reads headers only; tensors come from disk
// one at a time when asked for.
import { open, type FileHandle } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { InputError, InternalError } from '../../errors.js';
import { attempt, readExactly, refusePointer, regularFile, statVersion } from '../files.js';
import { conversionCommand, isPickleName, looksLikePickle } from '../pickle.js';
import { quote } from '../quote.js';
import { decode, storageSizes } from '../storage-type.js';
import { checkLength, claimedLength, parseHeader, type Header, type TensorInfo, type TensorSpan } from './header.js';

/** Some elements of a tensor, row-major. */
export interface ElementRange {
  /** Index of the first. */
  readonly begin: number;
  /** Index after the last. */
  readonly end: number;
}

/** Where bytes lie. */
export interface FilePlace {
  /** Absolute path. */
  readonly file: string;
  /** Byte of the file that they begin at. */
  readonly offset: number;
  /** How many there are. */
  readonly bytes: number;
  /** The file's `statVersion` when it was opened. */
  readonly version: string;
}

/** Tensors on disk. Reads may run at the same time; none after `close`. */
export interface Checkpoint {
  /** By name, in the order of their bytes. */
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  /** The free-form entries of the header. */
  readonly metadata: Readonly<Record<string, string>>;
  /** The bytes on disk, of all elements or of those in a range; throws InputError for a name that is not in `tensors`. */
  bytes(name: string, range?: ElementRange): Promise<Uint8Array>;
  /** Where a tensor lies; throws InputError for a name that is not in `tensors`. */
  place(name: string): FilePlace;
  /** The values as float32, row by row; throws InputError for an unknown name or a type without floats. */
  read(name: string): Promise<Float32Array>;
  /** Closes the files; no read may follow. */
  close(): Promise<void>;
}

/** Opens one safetensors file and checks its whole header; throws InputError. */
export async function openSafetensors(path: string): Promise<Checkpoint> {
  const asked = `open checkpoint ${quote(path)}`;
  const size = await regularFile(path, asked);
  if (isPickleName(path)) throw pickleError(path, asked, 'it is a pickle file by its name');
  if (size < 8)
    throw new InputError({
      asked,
      found: `the file has ${size} bytes, too few for a header`,
      fix: 'The file is damaged or was cut short: copy or download it again',
    });
  const file = await attempt({ asked, fix: 'Check the permissions of the file' }, () => open(path, 'r'));
  try {
    const start = await readExactly(file, 0, 8, asked);
    refusePointer(start, path, asked);
    const length = claimedLength(start);
    if (length > size - 8 && looksLikePickle(start))
      throw pickleError(path, asked, 'it is a pickle file by its content');
    checkLength(length, size, asked);
    const header = parseHeader(await readExactly(file, 8, length, asked), size - 8 - length, asked);
    const version = statVersion(await file.stat({ bigint: true }));
    return fileCheckpoint({ file, path, version }, header, 8 + length);
  } catch (error) {
    await file.close().catch(() => undefined);
    throw error;
  }
}

interface OpenFile {
  readonly file: FileHandle;
  readonly path: string;
  readonly version: string;
}

function fileCheckpoint({ file, path, version }: OpenFile, header: Header, dataStart: number): Checkpoint {
  const spans = new Map(header.spans.map((span) => [span.name, span]));
  let closing: Promise<void> | undefined;
  const find = (name: string): TensorSpan => spans.get(name) ?? missingTensor(name, path, spans.size);
  const readSpan = async ({ name, type, begin, end }: TensorSpan, range?: ElementRange): Promise<Uint8Array> => {
    if (closing !== undefined) throw new InternalError(`${name} was read from ${path} after it was closed`);
    const size = storageSizes[type];
    const [from, to] = range === undefined ? [begin, end] : [begin + size * range.begin, begin + size * range.end];
    if (from < begin || to < from || to > end)
      throw new InternalError(`${name} has no elements ${range?.begin} to ${range?.end}`);
    return readExactly(file, dataStart + from, to - from, `read tensor ${quote(name)} from ${quote(path)}`);
  };
  return {
    tensors: new Map(header.spans.map(({ name, type, shape }) => [name, { name, type, shape }])),
    metadata: header.metadata,
    bytes: async (name, range) => readSpan(find(name), range),
    place(name) {
      const { begin, end } = find(name);
      return { file: resolve(path), offset: dataStart + begin, bytes: end - begin, version };
    },
    read: async (name) => decode(await readSpan(find(name)), find(name).type),
    // Of a file that was only read, an error of closing tells nothing.
    close: () => (closing ??= file.close().catch(() => undefined)),
  };
}

/** Several checkpoints seen as one; throws InternalError if two of them hold the same name. Closing closes all. */
export function joinCheckpoints(parts: readonly Checkpoint[], path: string): Checkpoint {
  const owners = new Map<string, Checkpoint>();
  for (const part of parts)
    for (const name of part.tensors.keys()) {
      if (owners.has(name)) throw new InternalError(`two checkpoints hold ${name}`);
      owners.set(name, part);
    }
  const find = (name: string): Checkpoint => owners.get(name) ?? missingTensor(name, path, owners.size);
  return {
    tensors: new Map(parts.flatMap((part) => [...part.tensors])),
    metadata: parts.reduceRight((all, part) => ({ ...all, ...part.metadata }), {}),
    bytes: async (name, range) => find(name).bytes(name, range),
    place: (name) => find(name).place(name),
    read: async (name) => find(name).read(name),
    close: async () => {
      await Promise.all(parts.map((part) => part.close()));
    },
  };
}

function pickleError(path: string, asked: string, found: string): InputError {
  return new InputError({ asked, found, fix: conversionCommand(dirname(path)) });
}

function missingTensor(name: string, path: string, count: number): never {
  throw new InputError({
    asked: `read tensor ${quote(name)} from ${quote(path)}`,
    found: `none of its ${count} tensors has that name`,
    fix: 'Check that the checkpoint belongs to the model that its config.json describes',
  });
}
