// A plugin for `bench:chain`: the backend `timed-ort`, which is `ort` with a watch on it, and the subscriber `run-time`, which writes for each stage how
// long it took, how much of that a program ran, and how much of that JavaScript was busy.
import { appendFileSync } from 'node:fs';
import { definePlugin, strategy } from '@espalier/core';
import type { Backend, Executable } from '@espalier/core/graph';
import { ortBackend } from '@espalier/backend-ort';
import { tap } from 'rxjs';
import { z } from 'zod';

/** Milliseconds in which at least one program ran, up to now. */
let [running, since, ran] = [0, 0, 0];
const inRuns = (): number => ran + (running > 0 ? performance.now() - since : 0);

function timed(executable: Executable): Executable {
  return {
    program: executable.program,
    dispose: () => executable.dispose(),
    async run(inputs, state) {
      if (running++ === 0) since = performance.now();
      try {
        return await executable.run(inputs, state);
      } finally {
        if (--running === 0) ran += performance.now() - since;
      }
    },
  };
}

const timedOrt = strategy('backend', {
  name: 'timed-ort',
  summary: 'ort, with a watch on its runs',
  create(): Backend {
    const backend = ortBackend();
    return {
      ...backend,
      name: 'timed-ort',
      compile: async (program, device, stored) => timed(await backend.compile(program, device, stored)),
    };
  },
});

const runTime = strategy('subscriber', {
  name: 'run-time',
  summary: 'writes how long programs ran in each stage',
  options: z.strictObject({ path: z.string() }),
  create: ({ path }) => ({
    listen(events) {
      let began = [performance.now(), inRuns()] as const;
      let loop = performance.eventLoopUtilization();
      return events.pipe(
        tap((event) => {
          if (event.type === 'stage-started') {
            began = [performance.now(), inRuns()];
            loop = performance.eventLoopUtilization();
          }
          if (event.type !== 'stage-finished') return;
          const seconds = (performance.now() - began[0]) / 1000;
          const inPrograms = (inRuns() - began[1]) / 1000;
          const javaScript = performance.eventLoopUtilization(loop).active / 1000;
          appendFileSync(
            path,
            `${JSON.stringify({ run: event.run, stage: event.stage, seconds, inPrograms, javaScript })}\n`,
          );
        }),
      );
    },
  }),
});

export default definePlugin({ name: 'run-time', provides: [timedOrt, runTime] });
