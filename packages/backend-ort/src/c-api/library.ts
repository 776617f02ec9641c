// ONNX Runtime's shared library through its C API: opened by its path, its functions called by name.
import { InputError, InternalError } from '@espalier/core';
import koffi, { type LibraryHandle } from 'koffi';
import { API_VERSION, functions, OLDEST_MINOR, type FunctionName, type ReleaseName } from './functions.js';

/** What C functions take: numbers, addresses, text, and typed arrays by the address of their memory. */
export type Argument = number | bigint | string | NodeJS.ArrayBufferView | null;

/** The library, opened. */
export interface OrtLibrary {
  /** Where it lies. */
  readonly path: string;
  /** Its version, e.g. `1.30.0`. */
  readonly version: string;
  /** What keeps it loaded: koffi unloads a library of which nobody holds the handle. */
  readonly handle: LibraryHandle;
  /** Address of a function of the table, for another thread. */
  address(name: FunctionName): bigint;
  /** Calls a function that gives a status. Throws `Error` with the library's own words when it is not success. */
  call(name: Exclude<FunctionName, ReleaseName>, ...args: readonly Argument[]): void;
  /** Likewise, for a function whose last argument is where it puts a pointer. */
  create(name: Exclude<FunctionName, ReleaseName>, ...args: readonly Argument[]): bigint;
  /** Gives a thing back. */
  release(name: ReleaseName, pointer: bigint): void;
  /** Throws `Error` with the library's own words for a status that is not success (0), and frees it. */
  check(status: bigint): void;
}

/** Opens the library at `path`. Throws `InputError` for what is no ONNX Runtime, and for a version that is not known here. */
export function openLibrary(path: string): OrtLibrary {
  const asked = `use the ONNX Runtime library ${path}`;
  const { handle, version, table } = openTable(path, asked);
  const bound = new Map<FunctionName, (...args: readonly Argument[]) => unknown>();
  const bind = (name: FunctionName): ((...args: readonly Argument[]) => unknown) => {
    const known = bound.get(name);
    if (known !== undefined) return known;
    const own = callable(place(name), functions[name][1], functions[name][2]);
    bound.set(name, own);
    return own;
  };
  const place = (name: FunctionName): bigint =>
    pointerOf(koffi.decode(table, functions[name][0] * koffi.sizeof('void *'), 'void *'));
  const check = (status: bigint): void => {
    if (status === 0n) return;
    const message = bind('GetErrorMessage')(status);
    bind('ReleaseStatus')(status);
    throw new Error(typeof message === 'string' ? message : 'ONNX Runtime gave no reason');
  };
  const call = (name: FunctionName, ...args: readonly Argument[]): void => check(pointerOf(bind(name)(...args)));
  return {
    path,
    version,
    handle,
    address: place,
    check,
    call,
    create(name, ...args) {
      const target = new BigUint64Array(1);
      call(name, ...args, target);
      return pointerOf(target[0]);
    },
    release: (name, pointer) => void bind(name)(pointer),
  };
}

/** `OrtGetApiBase`, asked for its table. */
function openTable(
  path: string,
  asked: string,
): { readonly handle: LibraryHandle; readonly version: string; readonly table: bigint } {
  const { handle, base } = (() => {
    try {
      const opened = koffi.load(path);
      return { handle: opened, base: pointerOf(opened.func('void *OrtGetApiBase()')()) };
    } catch (cause) {
      const found = cause instanceof Error ? cause.message : 'it does not load';
      throw new InputError({ asked, found, fix: 'Name the file that a release of ONNX Runtime brings' }, { cause });
    }
  })();
  const entry = (place: number): bigint => pointerOf(koffi.decode(base, place * koffi.sizeof('void *'), 'void *'));
  const version = callable(entry(1), 'str', [])();
  const [, major, minor] = /^(\d+)\.(\d+)\./.exec(String(version)) ?? [];
  if (typeof version !== 'string' || major !== '1' || Number(minor) < OLDEST_MINOR) {
    const fix = `Take a release from 1.${OLDEST_MINOR} on, below 2`;
    throw new InputError({ asked, found: `its version is ${String(version)}`, fix });
  }
  const table = pointerOf(callable(entry(0), 'void *', ['uint32_t'])(Math.min(Number(minor), API_VERSION)));
  if (table === 0n)
    throw new InputError({ asked, found: 'it does not give its functions', fix: 'Take another release' });
  return { handle, version, table };
}

function callable(
  address: bigint,
  result: string,
  types: readonly string[],
): (...args: readonly Argument[]) => unknown {
  const own: unknown = koffi.decode(address, koffi.proto(result, [...types])); // nameless: koffi keeps names for good
  if (typeof own !== 'function') throw new InternalError('a C function was not bound');
  return (...args) => Reflect.apply(own, undefined, args) as unknown;
}

/** Where the elements of a typed array lie: a small one lies in the heap, and moves, until its buffer is asked for. */
export function addressOf({ buffer, byteOffset }: NodeJS.ArrayBufferView): bigint {
  return koffi.address(buffer) + BigInt(byteOffset);
}

/** An address; no address is 0. */
export function pointerOf(value: unknown): bigint {
  if (value === null) return 0n;
  if (typeof value === 'bigint') return value;
  throw new InternalError(`an address was due, and ${typeof value} came`);
}
