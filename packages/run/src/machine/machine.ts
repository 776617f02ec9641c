// What this machine has: memory as far as a container may use it, cores, and room on the disk.
import { availableParallelism, totalmem } from 'node:os';
import { freeBytes } from '../folder/space.js';

/** What there is to work with. */
export interface Machine {
  /** Bytes of memory that this process may ever have: of the machine, or less where a container is given less. */
  readonly memory: number;
  /** Bytes of it that are free now. */
  readonly available: number;
  /** Processor cores that it may use. */
  readonly cores: number;
  /** Bytes free on the disk of the place asked about; absent where the system does not say. */
  readonly disk?: number;
}

/** This machine; `place` is a path, which need not be there yet, on the disk that is meant. */
export async function readMachine(place: string): Promise<Machine> {
  const disk = await freeBytes(place);
  return {
    // 0 where the system sets no limit.
    memory: Math.min(totalmem(), process.constrainedMemory() || Infinity),
    available: process.availableMemory(),
    cores: availableParallelism(),
    ...(disk === undefined ? {} : { disk }),
  };
}
