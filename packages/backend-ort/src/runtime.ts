// The only file that loads ONNX Runtime: at the first use, and with its telemetry off. Left on, it writes a device id under
// the home folder, keeps a record of every session beside it, and looks up its vendor's host at every run (1.30.0).
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { isMainThread } from 'node:worker_threads';
import { InputError } from '@espalier/core';
import type * as ort from 'onnxruntime-node';
import { z } from 'zod';
import { openLibrary } from './c-api/library.js';
import { runThread } from './c-api/run-thread.js';
import { startHost, type OrtHost } from './c-api/session.js';

export type { ort };

const SWITCH = 'ORT_DISABLE_TELEMETRY';

// At once, not only at the first use: threads and child processes that begin in between inherit it.
process.env[SWITCH] = '1';

/** Names the library that is used. */
const PATH_VARIABLE = 'ESPALIER_ORT_LIBRARY';

/**
 * ONNX Runtime by its C API: the library at `ESPALIER_ORT_LIBRARY`, else of the package onnxruntime-node.
 * Throws `InputError` for a library that cannot be used, and in a worker thread of a process in which telemetry is still on.
 */
export function loadLibrary(): OrtHost {
  turnTelemetryOff();
  return startHost(openLibrary(process.env[PATH_VARIABLE] ?? bundledLibrary()), runThread());
}

/** ONNX Runtime by its Node binding, for what the C API is not used for yet: state in GPU buffers. Rejects as `loadLibrary` throws. */
export async function loadRuntime(): Promise<typeof ort> {
  turnTelemetryOff();
  return import('onnxruntime-node');
}

/** Throws `InputError` where it cannot be done. */
function turnTelemetryOff(): void {
  process.env[SWITCH] = '1';
  if (isMainThread || valueForNativeCode(SWITCH) === '1') return;
  throw new InputError({
    asked: 'load ONNX Runtime in a worker thread',
    found: `${SWITCH} is not set for the process, and a thread cannot set it`,
    fix: `Import @espalier/backend-ort in the main thread too, or start Node with ${SWITCH}=1`,
  });
}

/** The library that the package brings for this machine. Throws `InputError` where it brings none. */
function bundledLibrary(): string {
  const bin = path.join(path.dirname(runtimeManifest()), 'bin');
  const folders = readdirSync(bin).map((version) => path.join(bin, version, process.platform, process.arch));
  const files = folders.flatMap((folder) => filesOf(folder).map((name) => path.join(folder, name)));
  const found = files.find((file) => /^(lib)?onnxruntime(\.so\.\d+|\.\d+\.dylib|\.dll)$/.test(path.basename(file)));
  if (found !== undefined) return found;
  throw new InputError({
    asked: 'use ONNX Runtime',
    found: `onnxruntime-node brings no library for ${process.platform} on ${process.arch}`,
    fix: `Name one that was built for it: ${PATH_VARIABLE}`,
  });
}

/** Names of the files in a folder, none where it does not exist. */
function filesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
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
function runtimeManifest(): string {
  return fromHere.resolve('onnxruntime-node/package.json');
}

/** Version of the library in use: of another build that is named, by its own word, else of the package, read without loading it. */
export function runtimeVersions(): Readonly<Record<string, string>> {
  const named = process.env[PATH_VARIABLE];
  if (named !== undefined) return { onnxruntime: openLibrary(named).version };
  const manifest: unknown = fromHere('onnxruntime-node/package.json');
  return { 'onnxruntime-node': z.object({ version: z.string() }).parse(manifest).version };
}
