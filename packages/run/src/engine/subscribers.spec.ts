// Subscribers that fail: told of once, with their names, and the others hear everything.
import {
  createRunContainer,
  definePlugin,
  InputError,
  strategy,
  type PipelineEvent,
  type Subscriber,
} from '@espalier/core';
import { concatMap, tap } from 'rxjs';
import { expect, test } from 'vitest';
import { attachSubscribers } from './subscribers.js';

const event = (done: number): PipelineEvent => {
  return { type: 'progress', run: 'run', stage: 'distil', time: done, done, total: 4, unit: 'tokens' };
};
const later = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

/** Attaches subscribers, sends four events, and gives what was warned of. */
async function listen(...subscribers: readonly Subscriber[]): Promise<readonly string[]> {
  const plugin = definePlugin({
    name: 'listeners',
    provides: subscribers.map((own) => strategy('subscriber', { ...own, create: () => own })),
  });
  const named = subscribers.map(({ name }) => ({ name }));
  const warnings: string[] = [];
  const stream = attachSubscribers({ subscribers: named }, createRunContainer([plugin]), (line) => warnings.push(line));
  for (let done = 1; done <= 4; done++) stream.next(event(done));
  await stream.complete();
  return warnings;
}

function hearing(seen: number[]): Subscriber {
  return {
    name: 'hearing',
    summary: '',
    listen: (events) => events.pipe(tap((own) => own.type === 'progress' && seen.push(own.done))),
  };
}

test('one that throws at an event is told of once and hears no more; the others go on', async () => {
  const [before, after]: [number[], number[]] = [[], []];
  const failing: Subscriber = {
    name: 'failing',
    summary: '',
    listen: (events) =>
      events.pipe(
        tap((own) => {
          if (own.type !== 'progress') return;
          before.push(own.done);
          if (own.done > 1) throw new Error('the dashboard is full');
        }),
      ),
  };
  const warnings = await listen(failing, hearing(after));
  expect(warnings).toEqual(['subscriber "failing" of listeners failed and is told no more: the dashboard is full']);
  expect(before).toEqual([1, 2]);
  expect(after).toEqual([1, 2, 3, 4]);
});

test('so is one whose promise is rejected, or that fails at the end of the run', async () => {
  const awaits: Subscriber = {
    name: 'awaits',
    summary: '',
    listen: (events) =>
      events.pipe(
        concatMap(async (own) => {
          await later();
          if (own.time > 2) throw new Error('no such metric');
        }),
      ),
  };
  const atEnd: Subscriber = {
    name: 'at-end',
    summary: '',
    listen: (events) =>
      events.pipe(
        tap({
          complete: () => {
            throw new Error('cannot close');
          },
        }),
      ),
  };
  const seen: number[] = [];
  const warnings = await listen(awaits, atEnd, hearing(seen));
  expect(warnings.toSorted()).toEqual([
    'subscriber "at-end" of listeners failed and is told no more: cannot close',
    'subscriber "awaits" of listeners failed and is told no more: no such metric',
  ]);
  expect(seen).toEqual([1, 2, 3, 4]);
});

test('the run waits for what a listener has still to do', async () => {
  const sent: number[] = [];
  const slow: Subscriber = {
    name: 'slow',
    summary: '',
    listen: (events) =>
      events.pipe(
        concatMap(async (own) => {
          await later();
          sent.push(own.time);
        }),
      ),
  };
  expect(await listen(slow)).toEqual([]);
  expect(sent).toEqual([1, 2, 3, 4]);
});

test('one that cannot begin is refused with its name, its plugin and the cause', async () => {
  const silent: Subscriber = {
    name: 'silent',
    summary: '',
    listen: () => {
      throw new TypeError('no socket');
    },
  };
  await expect(listen(silent)).rejects.toThrow(InputError);
  await expect(listen(silent)).rejects.toThrow('begin subscriber "silent" of listeners: no socket');
});

test('those that had begun before it hear the end of the stream, so that they can close what they opened', async () => {
  let isClosed = false;
  const first: Subscriber = {
    name: 'first',
    summary: '',
    listen: (events) => events.pipe(tap({ complete: () => (isClosed = true) })),
  };
  const silent: Subscriber = {
    name: 'silent',
    summary: '',
    listen: () => {
      throw new TypeError('no socket');
    },
  };
  await expect(listen(first, silent)).rejects.toThrow(InputError);
  expect(isClosed).toBe(true);
});
