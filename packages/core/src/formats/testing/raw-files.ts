// For tests: safetensors files put together byte by byte, so that each part can lie, and a folder to put them in.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The parts of a safetensors file; nothing is checked. */
export interface RawFile {
  /** The header: text, or a value to be written as JSON. */
  readonly header: unknown;
  /** The bytes after the header, or how many zeros. */
  readonly data?: Uint8Array | number;
  /** What the first 8 bytes claim, if not the true length of the header. */
  readonly claimed?: bigint;
}

/** The bytes of such a file. */
export function rawSafetensors({ header, data = 0, claimed }: RawFile): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const tail = typeof data === 'number' ? new Uint8Array(data) : data;
  const bytes = new Uint8Array(8 + json.length + tail.length);
  new DataView(bytes.buffer).setBigUint64(0, claimed ?? BigInt(json.length), true);
  bytes.set(json, 8);
  bytes.set(tail, 8 + json.length);
  return bytes;
}

/** Runs work in a folder of its own, gone afterwards. */
export async function inTemporaryFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'espalier-formats-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
