// The devices of this machine, looked for in a process of its own: libraries that drive GPUs print where a driver is missing, and a
// broken driver ends the process that it is loaded into.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { RunContainer } from '@espalier/core';
import { z } from 'zod';
import { reportDevices, type DeviceReport } from './device-report.js';

const command = fileURLToPath(new URL('../bin/espalier.js', import.meta.url));

const listed: z.ZodType<readonly DeviceReport[]> = z.array(
  z.object({
    backend: z.string(),
    name: z.string(),
    description: z.string(),
    memory: z.number().exactOptional(),
    unverified: z.boolean().exactOptional(),
    unavailable: z.object({ reason: z.string(), fix: z.string() }).exactOptional(),
  }),
);

/** Every device, as `devices --json` lists them. Where that fails they are looked for here, so that what is wrong is seen. */
export async function listDevices(container: RunContainer, signal: AbortSignal): Promise<readonly DeviceReport[]> {
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [command, 'devices', '--json'], { signal });
    return listed.parse(JSON.parse(stdout));
  } catch {
    signal.throwIfAborted();
    return reportDevices(container, undefined, () => undefined);
  }
}
