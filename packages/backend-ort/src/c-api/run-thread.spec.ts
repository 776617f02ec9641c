import { expect, test } from 'vitest';
import { runThread } from './run-thread.js';

test('a thread that has nothing to do keeps no process alive', () => {
  const ports = (): number => process.getActiveResourcesInfo().filter((own) => own === 'MessagePort').length;
  const before = ports();
  runThread();
  expect(ports()).toBe(before);
});
