// The command as a process of its own, which can be killed.
import { execFile, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
/** The file that `espalier` runs. */
export const command = fileURLToPath(new URL('../../bin/espalier.js', import.meta.url));

/** Compiles what the process runs, as far as it is not up to date. */
export async function buildCommand(): Promise<void> {
  await promisify(execFile)(process.execPath, ['node_modules/typescript/bin/tsc', '--build'], { cwd: root });
}

export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command to its end; `kill` is asked every few milliseconds whether and how it is to be killed. */
export function runProcess(
  argv: readonly string[],
  {
    kill,
    input = '',
    cwd,
  }: { readonly kill?: () => NodeJS.Signals | undefined; readonly input?: string; readonly cwd?: string } = {},
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [command, ...argv], { cwd, env: { ...process.env, CI: '1' } });
    const written = { stdout: '', stderr: '' };
    child.stdout.on('data', (chunk: Buffer) => (written.stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (written.stderr += chunk.toString()));
    child.stdin.end(input);
    const timer = setInterval(() => {
      const signal = kill?.();
      if (signal !== undefined) child.kill(signal);
    }, 2);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearInterval(timer);
      resolve({ code, signal, ...written });
    });
  });
}

/** Lines of a file; 0 where there is none. */
export function lineCount(path: string): number {
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').length - 1 : 0;
}
