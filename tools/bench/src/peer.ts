// The other side of a comparison: a process that does a named job when a line asks for it, and says how long it took.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/** What a job took, and what came out of it where something is to be compared. */
export interface Timed {
  readonly seconds: number;
  readonly value: number | null;
}

/** A process that waits for jobs. */
export interface Peer {
  run(job: string): Promise<Timed>;
  /** Its libraries and their versions. */
  versions(): Promise<Readonly<Record<string, string>>>;
  close(): void;
}

const answer = z.object({ seconds: z.number(), value: z.number().nullable() });
const script = fileURLToPath(new URL('../../oracle/peers.py', import.meta.url));

/** Starts PyTorch on a checkpoint; `allocator` is a library that replaces the C library's own memory allocation (Linux). */
export function startPeer(python: string, args: readonly (string | number)[], allocator: string | undefined): Peer {
  const env = allocator === undefined ? process.env : { ...process.env, LD_PRELOAD: allocator };
  const child = spawn(python, [script, ...args.map(String)], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise<never>((_, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`${python} ended with ${code}`)));
  });
  ended.catch(() => undefined); // heard by the run that waits for it
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<unknown> => {
    const line: IteratorResult<unknown, unknown> = await Promise.race([lines.next(), ended]);
    return line.done === true ? ended : JSON.parse(String(line.value));
  };
  const first = next().then((line) => z.record(z.string(), z.string()).parse(line));
  first.catch(() => undefined); // heard by the first who asks
  return {
    versions: () => first,
    async run(job) {
      await first;
      child.stdin.write(`${JSON.stringify(job)}\n`);
      return answer.parse(await next());
    },
    close: () => void child.kill(),
  };
}
