// The metrics of a run as TensorBoard event files, written as they come: one folder for each step of the run, one curve for each
// metric. Evaluations are points at the tokens trained so far.
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { finalize, tap } from 'rxjs';
import {
  InputError,
  pathOption,
  runTokens,
  strategy,
  systemWords,
  type Clock,
  type Json,
  type PipelineEvent,
  type Subscriber,
} from '@espalier/core';
import { inject, injectable } from 'tsyringe';
import { z } from 'zod';
import { fileHeader, scalarRecord, type ScalarPoint } from './event-file.js';

const options = z.strictObject({
  folder: pathOption().describe('where the folders of the steps go; made where it is not there'),
});

@injectable()
class TensorBoard implements Pick<Subscriber, 'listen'> {
  constructor(
    @inject(runTokens.options) private readonly given: z.output<typeof options>,
    @inject(runTokens.clock) private readonly clock: Clock,
  ) {}

  listen(events: Parameters<Subscriber['listen']>[0]) {
    const { folder } = this.given;
    makeFolder(folder);
    const files = new Map<string, number>();
    const tokens = new Map<string, number>();
    return events.pipe(
      tap((event) => {
        if (event.type === 'progress' && event.unit === 'tokens') tokens.set(event.run, event.done);
        const now = this.clock.now();
        const points = pointsOf(event, tokens.get(event.run) ?? 0, now / 1000);
        if (points.length === 0) return;
        let file = files.get(event.run);
        if (file === undefined) {
          file = openFile(join(folder, folderName(event.run)), now);
          files.set(event.run, file);
        }
        writeSync(file, Buffer.concat(points.map(scalarRecord)));
      }),
      finalize(() => {
        for (const file of files.values()) closeSync(file);
      }),
    );
  }
}

/** Writes below the folder, by the clock of the run. Listening throws `InputError` where the folder cannot be made. */
export const tensorBoard = strategy('subscriber', {
  name: 'tensorboard',
  summary: 'metrics as event files for TensorBoard, one folder for each step of the run',
  options,
  use: TensorBoard,
});

function pointsOf(event: PipelineEvent, tokens: number, wallTime: number): readonly ScalarPoint[] {
  if (event.type === 'metric') {
    return [{ wallTime, step: event.step, tag: `${event.stage}/${event.name}`, value: event.value }];
  }
  if (event.type !== 'finding' || event.name?.startsWith('evaluation/') !== true) return [];
  return numbersOf(event.name, event.data).map(([tag, value]) => ({ wallTime, step: tokens, tag, value }));
}

/** The numbers among the members of an evaluator's result. */
function numbersOf(name: string, data: Json): readonly (readonly [string, number])[] {
  if (typeof data === 'number') return [[name, data]];
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return [];
  return Object.entries(data).flatMap(([member, value]) =>
    typeof value === 'number' ? [[`${name}/${member}`, value] as const] : [],
  );
}

/** A step's name as a folder below the given one: names come from recipes, and none may lead elsewhere. */
function folderName(run: string): string {
  const parts = run.split('/').map((part) => part.replace(/[^\p{L}\p{N}._ -]/gu, '_').replace(/^\.+$/, '_'));
  return join(...parts.filter((part) => part !== ''));
}

/** TensorBoard reads any file whose name holds `tfevents`; the time keeps those of a resumed run apart and in order. */
function openFile(folder: string, milliseconds: number): number {
  makeFolder(folder);
  const [seconds, rest] = [Math.floor(milliseconds / 1000), Math.floor(milliseconds % 1000)];
  const file = openSync(join(folder, `events.out.tfevents.${seconds}.${rest}.espalier`), 'a');
  writeSync(file, fileHeader(milliseconds / 1000));
  return file;
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (cause) {
    const found = systemWords(cause) ?? (cause instanceof Error ? cause.message : String(cause));
    const fix = 'Give a folder that can be written to';
    throw new InputError({ asked: `write curves for TensorBoard to "${folder}"`, found, fix }, { cause });
  }
}
