// Subscribers that fail: told of once, with their names, and the others hear everything.
import {
  createRunContainer,
  definePlugin,
  InputError,
  strategy,
  type PipelineEvent,
  type Subscriber,
} from '@espalier/core';
import { map } from 'rxjs';
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
  const named = subscribers.map(({ name }) => ({ name, options: {} }));
  const warnings: string[] = [];
  const stream = attachSubscribers({ subscribers: named }, createRunContainer([plugin]), (line) => warnings.push(line));
  for (let done = 1; done <= 4; done++) {
    stream.next(event(done));
    await later();
  }
  stream.complete();
  await later();
  return warnings;
}

function hearing(seen: number[]): Subscriber {
  return {
    name: 'hearing',
    summary: '',
    subscribe: (events) => events.subscribe((own) => own.type === 'progress' && seen.push(own.done)),
  };
}

test('one that throws at an event is told of once and hears no more; the others go on', async () => {
  const [before, after]: [number[], number[]] = [[], []];
  const failing: Subscriber = {
    name: 'failing',
    summary: '',
    subscribe: (events) =>
      events.subscribe((own) => {
        if (own.type !== 'progress') return;
        before.push(own.done);
        if (own.done > 1) throw new Error('the dashboard is full');
      }),
  };
  const warnings = await listen(failing, hearing(after));
  expect(warnings).toEqual(['subscriber "failing" of listeners failed and is told no more: the dashboard is full']);
  expect(before).toEqual([1, 2]);
  expect(after).toEqual([1, 2, 3, 4]);
});

test('so is one that throws in an operator, or at the end of the run', async () => {
  const inOperator: Subscriber = {
    name: 'in-operator',
    summary: '',
    subscribe: (events) =>
      events
        .pipe(
          map((own) => {
            if (own.time > 2) throw new Error('no such metric');
            return own;
          }),
        )
        .subscribe(() => undefined),
  };
  const atEnd: Subscriber = {
    name: 'at-end',
    summary: '',
    subscribe: (events) =>
      events.subscribe({
        complete: () => {
          throw new Error('cannot close');
        },
      }),
  };
  const seen: number[] = [];
  expect(await listen(inOperator, atEnd, hearing(seen))).toEqual([
    'subscriber "in-operator" of listeners failed and is told no more: no such metric',
    'subscriber "at-end" of listeners failed and is told no more: cannot close',
  ]);
  expect(seen).toEqual([1, 2, 3, 4]);
});

test('one that cannot begin is refused with its name, its plugin and the cause', async () => {
  const silent: Subscriber = {
    name: 'silent',
    summary: '',
    subscribe: () => {
      throw new TypeError('no socket');
    },
  };
  await expect(listen(silent)).rejects.toThrow(InputError);
  await expect(listen(silent)).rejects.toThrow('begin subscriber "silent" of listeners: no socket');
});
