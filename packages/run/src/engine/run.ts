// A run: a stream of everything that it tells, which ends with its result. Subscribing begins it, unsubscribing breaks it off.
import { InputError, type PipelineEvent, type Plugin } from '@espalier/core';
import { join } from 'node:path';
import { filter, lastValueFrom, map, Observable } from 'rxjs';
import { checkNotLocked, type RunLock } from '../folder/lock.js';
import { findDamage } from '../folder/run-folder.js';
import { removeWhole } from '../folder/small-files.js';
import { hubAccess, type HubAccess } from '../hub/access.js';
import type { Machine } from '../machine/machine.js';
import { trustStore, type PluginTrust } from '../plugins/trust.js';
import { parseRecipe } from '../recipe/read-recipe.js';
import type { Recipe, RecipeInput } from '../recipe/schema.js';
import type { ValuePath } from '../recipe/source-text.js';
import { redactEvent, redactor, shielded, type Redact } from '../secrets/redact.js';
import { variablesIn, type ReferencePlace } from '../secrets/references.js';
import { notice, place, runStream, type RunStream } from './engine.js';
import { openRecipe } from './open-recipe.js';
import type { Opening } from './prepare-recipe.js';
import { checkAsRead, redirect, redirected, type ModelPlace } from './redirect.js';
import { continuedRecord } from './continue.js';
import { checkUnchanged, refuseOccupied, sayWhatChanged } from './run-changes.js';
import {
  clearRun,
  newRecord,
  readRecord,
  recordNames,
  rewriteRecord,
  storedRecipe,
  writeRecord,
} from './run-record.js';
import type { Until } from './run-recipe.js';
import { inFolder, inMemory, type RunResult } from './session.js';
import { stopRequest, type StopRequest } from './stop.js';
import { waitsOf } from './waits.js';
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

/** What goes for every run. */
export interface AnyRunOptions {
  /** Called when the run has ended and let go of its folder, also where its listener has left it. */
  readonly onEnd?: () => void;
  /** Aborted to stop it in good order: a training at work ends its step and saves a checkpoint, then the run fails with `CancelledError`. */
  readonly signal?: AbortSignal;
  /** Plugins whose strategies the recipe may name, beside those that it names itself. */
  readonly plugins?: readonly Plugin[];
  /** How the hub is reached; by the variables of Python's `huggingface_hub` when not given. */
  readonly hub?: HubAccess;
  /** What is said of plugin files that the recipe names; nothing when not given, so that they are refused. */
  readonly trust?: PluginTrust;
  /** What the machine has; looked up when not given. */
  readonly machine?: Machine;
  /** Ends the run after a stage, complete as far as it went. */
  readonly until?: Until;
}

/** How a run is gone on with. */
export interface ResumeOptions extends AnyRunOptions {
  /** Continues a complete run: the last training goes on to so many tokens in all, and what depends on it is made again. */
  readonly tokens?: number;
  /** Where its model goes from now on. One that is already elsewhere stays there. */
  readonly out?: ModelPlace;
}

/** How a run is begun. */
export interface RunOptions extends AnyRunOptions {
  /** Where everything is kept, so that a later process can go on with it; in memory alone when not given. */
  readonly folder?: string;
  /** Whether a run that is in the folder may be removed. */
  readonly replace?: boolean;
  /** Whether it is begun although memory or disk are less than it needs: refused when not given. */
  readonly allowShortage?: boolean;
  /** What the run says it was begun by. */
  readonly command?: string;
  /** File that the recipe came from. */
  readonly recipeFile?: string;
  /** Where the recipe has what variables of the environment hold: written as references. */
  readonly references?: readonly ReferencePlace[];
  /** Where a value of the recipe stands, for messages. */
  readonly locate?: (path: ValuePath) => string;
  /** File that standard input was written to, where it is the data. */
  readonly stdin?: string;
  /** A lock of the folder that was taken before, to write that file say; released with the run's end. */
  readonly lock?: RunLock;
}

/**
 * Compresses by a recipe, or pretrains, or both: the pretraining, every step's importance, plan and trainings, comparisons, measurements, export. The stream fails with
 * `InputError`, before anything is written, for what cannot work; with `CancelledError` when it was asked to stop; and as
 * stages do.
 */
export function compress(recipe: RecipeInput, options: RunOptions = {}): Observable<RunEvent> {
  return running(options, async (open, stop) => {
    const { folder, replace = false, command = 'compress', recipeFile, until, references = [] } = options;
    const parsed = parseRecipe(recipe, 'of the run');
    const stored = storedRecipe(parsed, references);
    const redact = redactor(variablesIn(stored), process.env);
    const stream = redacted(open, redact);
    return shielded(redact, async () => {
      if (folder !== undefined) {
        if (!replace) await refuseOccupied(folder, stored);
        if (options.lock === undefined) await checkNotLocked(folder);
      }
      const { allowShortage = false } = options;
      const waits = waitsOf(stream.tell, stop);
      const setting = { ...(await opening(options, stream)), allowShortage, waits };
      const opened = await openRecipe(parsed, setting, { ...options });
      try {
        const record = await newRecord({ command: redact(command), recipeFile }, opened);
        const session = { opened, record, stored, stream, stop, ...(until === undefined ? {} : { until }) };
        if (folder === undefined) return await inMemory(session);
        const prepare = async (): Promise<void> => {
          // Another run may have begun there, and ended, while all of this was opened.
          if (!replace) await refuseOccupied(folder, stored);
          await clearRun(folder);
          await writeRecord(folder, stored, record);
        };
        return await inFolder(folder, session, prepare, options.lock);
      } finally {
        await opened.close();
      }
    });
  });
}

/** Goes on with the run of a folder, to the same bytes as without a break. Fails as `compress` does, and with `InputError` naming what was changed or damaged since, or why it cannot be continued. */
export function resume(folder: string, options: ResumeOptions = {}): Observable<RunEvent> {
  return running(options, async (open, stop) => {
    const read = await readRecord(folder);
    const redact = redactor(variablesIn(read.stored), process.env);
    const stream = redacted(open, redact);
    return shielded(redact, async () => {
      await checkNotLocked(folder);
      const { until, tokens, out } = options;
      const meant = out === undefined ? read : await redirected(folder, read, out);
      const { recipe, record, stored } = meant;
      const waits = waitsOf(stream.tell, stop);
      const damage = await waits.during('check the run', () => findDamage(folder));
      if (damage !== undefined) throw new InputError({ asked: `resume run "${folder}"`, ...damage });
      const from = record.recipeFile === null ? {} : { recipeFile: record.recipeFile };
      const ended = until === undefined ? {} : { until };
      const known = record.model.files;
      const place = { folder, resumed: true, stdin: join(folder, recordNames.stdin), known, ...from, ...ended };
      // What was begun is gone on with; a shortage is told.
      const setting = { ...(await opening(options, stream)), allowShortage: true, waits };
      const opened = await openRecipe(beginningAt(recipe, record.model.folder), setting, place);
      try {
        await sayWhatChanged(stored, record, versions(opened.bench.context.backend), (line) =>
          stream.tell(notice(line)),
        );
        checkUnchanged(folder, record, opened);
        const { steps } = opened;
        const now = tokens === undefined ? record : await continuedRecord(folder, tokens, { recipe, record, steps });
        const session = { opened: { ...opened, recipe }, record: now, stored, stream, stop, ...ended };
        return await inFolder(folder, session, async () => {
          await checkAsRead(folder, read);
          if (meant !== read) await redirect(folder, read, meant, now);
          else if (now !== record) await rewriteRecord(folder, now);
          // It is complete again when there is another one.
          if (now.continued.length > 0) await removeWhole(join(folder, recordNames.summary));
        });
      } finally {
        await opened.close();
      }
    });
  });
}

/** The recipe with its model, or the tokenizer of the one that it pretrains, where the run has found it. */
function beginningAt(recipe: Recipe, folder: string): Recipe {
  const { pretraining } = recipe;
  return pretraining === undefined
    ? { ...recipe, model: folder }
    : { ...recipe, pretraining: { ...pretraining, tokenizer: folder } };
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

type Work = (stream: RunStream, stop: StopRequest) => Promise<RunResult>;

function running({ signal, onEnd }: AnyRunOptions, work: Work): Observable<RunEvent> {
  return new Observable((subscriber) => {
    const left = new AbortController();
    const stop = stopRequest(signal, left.signal);
    work(
      runStream((event) => subscriber.next(event)),
      stop,
    )
      .finally(() => {
        stop.release();
        onEnd?.();
      })
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

/** The stream without what the environment keeps secret. */
function redacted({ tell, listen }: RunStream, redact: Redact): RunStream {
  return { listen, tell: (event) => tell(redactEvent(event, redact)) };
}

const untrusted: PluginTrust = { named: [], all: false, store: trustStore(process.env) };

async function opening(
  { plugins = [], hub, trust = untrusted, machine }: ResumeOptions,
  { tell }: RunStream,
): Promise<Opening> {
  const warn = (message: string): void => tell(notice(message));
  const info = (message: string): void => tell({ ...place, type: 'finding', message, data: null });
  const access = hub ?? (await hubAccess(process.env, info));
  return { plugins, trust, hub: access, logger: { info, warn }, ...(machine && { machine }) };
}
