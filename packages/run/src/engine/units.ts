// The work of a run as units, each with a name and everything that its result depends on. Where the results are kept, in memory or
// in a folder that a later process goes on with, is the only difference between the two kinds of run.
import { join } from 'node:path';
import type { z } from 'zod';
import { digestJson } from '../folder/digest.js';
import type { RunFolder, Unit, UnitResult } from '../folder/run-folder.js';
import { readRunFile, writeJsonFile } from '../folder/small-files.js';

/** Where the units of a run are done. */
export interface Units {
  /** Path of the run's folder; absent where the run is in memory. */
  readonly folder?: string;
  /** Does a unit, or gives what it gave before. Throws `InputError` when that was made from other inputs, and what its functions throw. */
  do<Value>(unit: Unit<Value>): Promise<UnitResult<Value>>;
  /** Makes durable what the run has said so far. */
  sync(): void;
  /** Throws `InputError` where what is kept can no longer be written: the folder is gone. */
  check(): Promise<void>;
}

/** Units whose results are lost with the process. */
export function memoryUnits(): Units {
  const done = new Map<string, UnitResult<unknown>>();
  return {
    async do<Value>({ name, inputs, make }: Unit<Value>) {
      const hash = digestJson({ name, inputs });
      const before = done.get(hash) as UnitResult<Value> | undefined;
      if (before !== undefined) return { ...before, reused: true };
      const result = { value: await make(), hash, reused: false };
      done.set(hash, result);
      return result;
    },
    sync: () => undefined,
    check: () => Promise.resolve(),
  };
}

/** Units of a run folder; those that are `renewed` are made again where their inputs have changed. */
export function folderUnits(run: RunFolder, renewed: (unit: string) => boolean): Units {
  return {
    folder: run.path,
    do: (unit) => run.unit(unit, renewed(unit.name)),
    sync: () => run.log.sync(),
    check: () => run.check(),
  };
}

/** A unit whose result is JSON in one file. */
export function jsonUnit<Schema extends z.ZodType>(
  { name, inputs }: Pick<Unit<unknown>, 'name' | 'inputs'>,
  file: string,
  schema: Schema,
  make: () => Promise<z.input<Schema>>,
): Unit<z.output<Schema>> {
  return {
    name,
    inputs,
    make: async () => schema.parse(await make()),
    save: (value, folder) => writeJsonFile(join(folder, file), value),
    load: (folder) => readRunFile(join(folder, file), schema),
  };
}
