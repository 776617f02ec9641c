// A disk that fails when it is asked for the nth time: Node's file functions, each after the disk was asked. A test puts them in place of
// `node:fs` and `node:fs/promises` for the modules under test, by `vi.mock`.
import type * as Files from 'node:fs';
import type * as Promises from 'node:fs/promises';
import { constants } from 'node:os';
import { getSystemErrorName } from 'node:util';

/** What is asked of a disk. */
export const calls = [
  ...(['open', 'read', 'write', 'sync', 'close'] as const),
  ...(['rename', 'stat', 'list', 'remove', 'make', 'link'] as const),
] as const;
/** One of them. */
export type Call = (typeof calls)[number];

/** How a disk fails. */
export type Code = 'EIO' | 'ESTALE' | 'ENOTCONN' | 'ETIMEDOUT';

/** Which call fails, and how. */
export interface Fault {
  readonly call: Call;
  /** 0-based, among the calls of that kind. */
  readonly nth: number;
  readonly code: Code;
  /** Whether every later call fails as well, of whatever kind. */
  readonly gone: boolean;
}

/** What is asked of files below a folder, and the fault that it meets. */
export interface Disk {
  /** How often each call was made. */
  readonly asked: ReadonlyMap<Call, number>;
  /** The path and call that failed first; undefined while none has. */
  readonly failed: string | undefined;
}

interface Slot extends Disk {
  folder: string | undefined;
  fault: Fault | undefined;
  asked: Map<Call, number>;
  failed: string | undefined;
}

const slot: Slot = { folder: undefined, fault: undefined, asked: new Map(), failed: undefined };

/** Counts calls below a folder from now on, and fails once they come to the fault. */
export function watchDisk(folder: string, fault?: Fault): Disk {
  return Object.assign(slot, { folder, fault, asked: new Map<Call, number>(), failed: undefined });
}

/** Fails no longer. */
export function mendDisk(): void {
  Object.assign(slot, { folder: undefined, fault: undefined });
}

function refusal(call: Call, path: unknown): Error | undefined {
  const { folder, fault, asked, failed } = slot;
  if (folder === undefined || !String(path).startsWith(folder)) return undefined;
  const nth = asked.get(call) ?? 0;
  asked.set(call, nth + 1);
  if (fault === undefined) return undefined;
  const now = failed === undefined ? fault.call === call && fault.nth === nth : fault.gone;
  if (!now) return undefined;
  slot.failed ??= `${call} ${String(path)}`;
  return systemError(fault.code, call, String(path));
}

/** An error as Node makes it: one that libuv does not know, such as ESTALE, has no name. */
function systemError(name: Code, syscall: string, path: string): Error {
  const errno = -constants.errno[name];
  const code = getSystemErrorName(errno);
  return Object.assign(new Error(`${code}: injected, ${syscall} '${path}'`), { code, errno, syscall, path });
}

function ask(call: Call, path: unknown): void {
  const error = refusal(call, path);
  if (error !== undefined) throw error;
}

/** What throws becomes what rejects. */
function later<T>(work: () => T): Promise<Awaited<T>> {
  return Promise.resolve().then(work) as Promise<Awaited<T>>;
}

type Any = (...given: readonly never[]) => unknown;

/** The functions of a module whose first argument is a path, after the disk was asked. */
function guarded<Names extends string>(
  module: Readonly<Record<Names, Any>>,
  kinds: Readonly<Record<Names, readonly Call[]>>,
  promised: boolean,
): Record<string, unknown> {
  const names = Object.keys(kinds).filter((name): name is Names => name in kinds);
  return Object.fromEntries(
    names.map((name) => {
      const work = (given: readonly unknown[]): unknown => {
        for (const call of kinds[name]) ask(call, given[0]);
        return Reflect.apply(module[name], module, given);
      };
      const own = promised
        ? (...given: readonly unknown[]) => later(() => work(given))
        : (...given: readonly unknown[]) => work(given);
      return [name, own];
    }),
  );
}

/** `node:fs/promises` on the disk. */
export function failingPromises(real: typeof Promises): Record<string, unknown> {
  const { stat, realpath, statfs, readdir, rename, rm, rmdir, mkdir, mkdtemp, link, symlink, copyFile } = real;
  const { readFile, writeFile } = real;
  const plain = { stat, realpath, statfs, readdir, rename, rm, rmdir, mkdir, mkdtemp, link, symlink, copyFile };
  const guardedOnes = guarded<keyof typeof plain | 'readFile' | 'writeFile'>(
    { ...plain, readFile, writeFile },
    {
      ...{ stat: ['stat'], realpath: ['stat'], statfs: ['stat'], readdir: ['list'], rename: ['rename'] },
      ...{ rm: ['remove'], rmdir: ['remove'], mkdir: ['make'], mkdtemp: ['make'] },
      ...{ link: ['link'], symlink: ['link'], copyFile: ['link'] },
      ...{ readFile: ['open', 'read'], writeFile: ['open', 'write'] },
    },
    true,
  );
  return {
    ...real,
    ...guardedOnes,
    async open(path: string, ...rest: readonly never[]) {
      ask('open', path);
      const handle = await real.open(path, ...rest);
      const methods = { read: 'read', write: 'write', sync: 'sync', truncate: 'write', stat: 'stat' } as const;
      for (const [name, call] of Object.entries(methods)) {
        const own: unknown = Reflect.get(handle, name);
        Object.defineProperty(handle, name, {
          value: (...given: readonly unknown[]) =>
            later((): unknown => {
              ask(call, path);
              return Reflect.apply(own as Any, handle, given);
            }),
        });
      }
      const close = handle.close.bind(handle);
      // What fails to close is closed all the same.
      Object.defineProperty(handle, 'close', { value: () => close().then(() => ask('close', path)) });
      return handle;
    },
  };
}

/** `node:fs` on the disk. */
export function failingFiles(real: typeof Files): Record<string, unknown> {
  const open = new Map<number, string>();
  const { statSync, realpathSync, readdirSync, renameSync, mkdirSync, rmSync, readFileSync } = real;
  const onFile =
    (call: Call, work: Any) =>
    (file: number, ...rest: readonly unknown[]): unknown => {
      ask(call, open.get(file) ?? '');
      return Reflect.apply(work, real, [file, ...rest]);
    };
  return {
    ...real,
    ...guarded(
      { statSync, realpathSync, readdirSync, renameSync, mkdirSync, rmSync, readFileSync },
      {
        ...{ statSync: ['stat'], realpathSync: ['stat'], readdirSync: ['list'], renameSync: ['rename'] },
        ...{ mkdirSync: ['make'], rmSync: ['remove'], readFileSync: ['open', 'read'] },
      },
      false,
    ),
    existsSync: (path: string) => refusal('stat', path) === undefined && real.existsSync(path),
    openSync(path: string, flags: string) {
      ask('open', path);
      const file = real.openSync(path, flags);
      open.set(file, path);
      return file;
    },
    readSync: onFile('read', real.readSync),
    writeSync: onFile('write', real.writeSync),
    fsyncSync: onFile('sync', real.fsyncSync),
    ftruncateSync: onFile('write', real.ftruncateSync),
    fstatSync: onFile('stat', real.fstatSync),
    closeSync(file: number) {
      const path = open.get(file) ?? '';
      open.delete(file);
      real.closeSync(file);
      ask('close', path);
    },
    createReadStream(path: string, given: BufferEncoding | object = {}) {
      const options = typeof given === 'string' ? { encoding: given } : given;
      const unless = (call: Call, last: unknown, work: () => void): void => {
        const error = refusal(call, path);
        if (error === undefined) work();
        else if (typeof last === 'function') process.nextTick(last, error);
      };
      const fs = {
        open: (...own: Parameters<typeof real.open>) =>
          unless('open', own.at(-1), () => Reflect.apply(real.open, real, own)),
        read: (...own: Parameters<typeof real.read>) =>
          unless('read', own.at(-1), () => Reflect.apply(real.read, real, own)),
        close: real.close,
      };
      return Reflect.apply(real.createReadStream, real, [path, { ...options, fs }]);
    },
  };
}
