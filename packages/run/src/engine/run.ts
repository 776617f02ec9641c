// A run: a stream of everything that it tells, which ends with its result. Subscribing begins it, unsubscribing breaks it off.
import { checkNotLocked, InputError, verifyUnits, type PipelineEvent, type Plugin } from '@espalier/core';
import { join } from 'node:path';
import { filter, lastValueFrom, map, Observable } from 'rxjs';
import { hubAccess, type HubAccess } from '../hub/access.js';
import { parseRecipe } from '../recipe/read-recipe.js';
import type { Recipe, RecipeInput } from '../recipe/schema.js';
import type { ValuePath } from '../recipe/source-text.js';
import { checkExport } from './export.js';
import { notice } from './engine.js';
import { openRecipe } from './open-recipe.js';
import { checkUnchanged, refuseOccupied, sayWhatChanged } from './run-changes.js';
import { clearRun, holdsRun, newRecord, readRecord, recordNames, writeRecord } from './run-record.js';
import type { Until } from './run-recipe.js';
import { inFolder, inMemory, type RunResult } from './session.js';
import { stopRequest, type StopRequest } from './stop.js';
import { versions } from './workbench.js';

/** What a run tells: the events of its stages, and at its end what it has come to. */
export type RunEvent =
  | PipelineEvent
  | {
      /** Tells it from the events of stages. */
      readonly type: 'result';
      /** What the run has come to. */
      readonly value: RunResult;
    };

/** How a run is gone on with. */
export interface ResumeOptions {
  /** Aborted to stop it in good order: a training at work ends its step and saves a checkpoint, then the run fails with `CancelledError`. */
  readonly signal?: AbortSignal;
  /** Plugins whose strategies the recipe may name, beside those that it names itself. */
  readonly plugins?: readonly Plugin[];
  /** How the hub is reached; by the variables of Python's `huggingface_hub` when not given. */
  readonly hub?: HubAccess;
  /** Ends the run after a stage, complete as far as it went. */
  readonly until?: Until;
}

/** How a run is begun. */
export interface RunOptions extends ResumeOptions {
  /** Where everything is kept, so that a later process can go on with it; in memory alone when not given. */
  readonly folder?: string;
  /** Whether a run that is in the folder may be removed. */
  readonly replace?: boolean;
  /** What the run says it was begun by. */
  readonly command?: string;
  /** File that the recipe came from. */
  readonly recipeFile?: string;
  /** Where a value of the recipe stands, for messages. */
  readonly locate?: (path: ValuePath) => string;
  /** File that standard input was written to, where it is the data. */
  readonly stdin?: string;
}

/**
 * Compresses by a recipe: every step's importance, plan and trainings, comparisons, measurements, export. The stream fails with
 * `InputError`, before anything is written, for what cannot work; with `CancelledError` when it was asked to stop; and as
 * stages do.
 */
export function compress(recipe: RecipeInput, options: RunOptions = {}): Observable<RunEvent> {
  return running(options.signal, async (tell, stop) => {
    const { folder, replace = false, command = 'compress', recipeFile, until } = options;
    const parsed = parseRecipe(recipe, 'of the run');
    if (folder !== undefined) {
      if (holdsRun(folder) && !replace) await refuseOccupied(folder, parsed);
      await checkNotLocked(folder);
    }
    const opened = await openRecipe(parsed, await opening(options, tell), { ...options });
    try {
      await checkExport(parsed, opened.bench.container);
      const record = newRecord({ command, recipeFile }, opened);
      const session = { opened, record, tell, stop, ...(until === undefined ? {} : { until }) };
      if (folder === undefined) return await inMemory(session);
      await clearRun(folder);
      return await inFolder(folder, session, () => writeRecord(folder, parsed, record));
    } finally {
      await opened.close();
    }
  });
}

/** Goes on with the run of a folder, to the same bytes as without a break. Fails as `compress` does, and with `InputError` naming what was changed or damaged since. */
export function resume(folder: string, options: ResumeOptions = {}): Observable<RunEvent> {
  return running(options.signal, async (tell, stop) => {
    const { recipe, record } = await readRecord(folder);
    await checkNotLocked(folder);
    const [damage] = await verifyUnits(folder);
    if (damage !== undefined) {
      const fix = 'Remove the folder that the file is in and resume: that part is then made again';
      throw new InputError({ asked: `resume run "${folder}"`, found: damage, fix });
    }
    const place = { folder, stdin: join(folder, recordNames.stdin) };
    const moved: Recipe = { ...recipe, model: record.model.folder };
    const opened = await openRecipe(moved, await opening(options, tell), place);
    try {
      const now = versions(opened.bench.context.backend);
      await sayWhatChanged(recipe, record, now, (line) => tell(notice(line)));
      checkUnchanged(folder, record, opened);
      const { until } = options;
      const session = { opened: { ...opened, recipe }, record, tell, stop, ...(until === undefined ? {} : { until }) };
      return await inFolder(folder, session, () => Promise.resolve());
    } finally {
      await opened.close();
    }
  });
}

/** Runs to the end and gives the result; rejects with what ended the run otherwise. */
export function finished(run: Observable<RunEvent>): Promise<RunResult> {
  return lastValueFrom(
    run.pipe(
      filter((event) => event.type === 'result'),
      map(({ value }) => value),
    ),
  );
}

type Work = (tell: (event: PipelineEvent) => void, stop: StopRequest) => Promise<RunResult>;

function running(signal: AbortSignal | undefined, work: Work): Observable<RunEvent> {
  return new Observable((subscriber) => {
    const left = new AbortController();
    const stop = stopRequest(signal, left.signal);
    work((event) => subscriber.next(event), stop)
      .finally(() => stop.release())
      .then(
        (value) => {
          subscriber.next({ type: 'result', value });
          subscriber.complete();
        },
        (error: unknown) => subscriber.error(error),
      );
    return () => left.abort();
  });
}

async function opening({ plugins = [], hub }: ResumeOptions, tell: (event: PipelineEvent) => void) {
  const say = (line: string): void => tell(notice(line));
  return { plugins, hub: hub ?? (await hubAccess(process.env, say)), say };
}
