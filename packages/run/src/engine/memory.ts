// Memory as a metric of the run's own events, so that view, log, curves and report all have it.
import type { PipelineEvent } from '@espalier/core';

/** Milliseconds between two samples. */
const INTERVAL = 1000;

/**
 * Hands events on and adds a metric `memory` (resident bytes of this process) to the stage at work, at most once a second and
 * at the end of each stage.
 */
export function withMemory(
  show: (event: PipelineEvent) => void,
  resident: () => number = () => process.memoryUsage.rss(),
): (event: PipelineEvent) => void {
  let sampled = { key: '', time: -Infinity, step: 0 };
  return (event) => {
    const { run, stage, time } = event;
    const key = `${run}\n${stage}`;
    const fresh = sampled.key !== key;
    const ends = event.type === 'stage-finished';
    if (fresh || ends || time - sampled.time >= INTERVAL) {
      const step = fresh ? 0 : sampled.step + 1;
      sampled = { key, time, step };
      if (event.type === 'stage-started') show(event);
      show({ type: 'metric', name: 'memory', step, value: resident(), run, stage, time });
      if (event.type === 'stage-started') return;
    }
    show(event);
  };
}
