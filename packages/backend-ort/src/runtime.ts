// The only file that loads ONNX Runtime: at the first use, and with its telemetry off. Left on, it writes a device id under
// the home folder, keeps a record of every session beside it, and looks up its vendor's host at every run (1.30.0).
import { createRequire } from 'node:module';
import { isMainThread } from 'node:worker_threads';
import { InputError } from '@espalier/core';
import type * as ort from 'onnxruntime-node';
import { z } from 'zod';

export type { ort };

const SWITCH = 'ORT_DISABLE_TELEMETRY';

// At once, not only at the first use: threads and child processes that begin in between inherit it.
process.env[SWITCH] = '1';

/** ONNX Runtime. Rejects with `InputError` in a worker thread of a process in which telemetry is still on. */
export async function loadRuntime(): Promise<typeof ort> {
  process.env[SWITCH] = '1';
  if (!isMainThread && valueForNativeCode(SWITCH) !== '1') {
    throw new InputError({
      asked: 'load ONNX Runtime in a worker thread',
      found: `${SWITCH} is not set for the process, and a thread cannot set it`,
      fix: `Import @espalier/backend-ort in the main thread too, or start Node with ${SWITCH}=1`,
    });
  }
  return import('onnxruntime-node');
}

const reportSchema = z.object({ environmentVariables: z.record(z.string(), z.string()).optional() });

/** A variable of the process itself: in a worker thread, `process.env` is a copy that native code does not see. */
function valueForNativeCode(name: string): string | undefined {
  const report: typeof process.report & { excludeNetwork?: boolean } = process.report;
  const { excludeNetwork } = report;
  report.excludeNetwork = true; // else it looks up the names of connected hosts
  try {
    return reportSchema.parse(report.getReport()).environmentVariables?.[name];
  } finally {
    report.excludeNetwork = excludeNetwork === true;
  }
}

const fromHere = createRequire(import.meta.url);

/** Where the library's package is. */
export function runtimeManifest(): string {
  return fromHere.resolve('onnxruntime-node/package.json');
}

/** The library's version by its package's name, read without loading it. */
export function runtimeVersions(): Readonly<Record<string, string>> {
  const manifest: unknown = fromHere('onnxruntime-node/package.json');
  return { 'onnxruntime-node': z.object({ version: z.string() }).parse(manifest).version };
}
