// The log of a real run against the schema, the catalogues of metrics and findings, and the page that documents them.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PipelineEvent } from '@espalier/core';
import { beforeAll, describe, expect, test } from 'vitest';
import { createBench } from './testing/cli-run.js';
import {
  eventTypes,
  findings,
  findingsNamed,
  metrics,
  parseEvents,
  reportFromEvents,
  type FindingName,
} from '@espalier/run';

const documented = await readFile(fileURLToPath(new URL('../../../docs/events.md', import.meta.url)), 'utf8');

describe('the log of a real run', () => {
  let events: readonly PipelineEvent[];
  let text: string;
  beforeAll(async () => {
    const bench = await createBench();
    try {
      const short = { tokens: '512', batch: '4', samples: '8', warmup: '1' };
      const { code, stderr } = await bench.compress(short, ['--json', '--no-compare']);
      expect(code, stderr).toBe(0);
      text = await readFile(join(bench.folder, 'run', 'events.ndjson'), 'utf8');
      events = parseEvents(text);
    } finally {
      await bench.remove();
    }
  });

  test('is read back whole, line for line', () => {
    expect(`${events.map((event) => JSON.stringify(event)).join('\n')}\n`).toBe(text);
    expect(new Set(events.map(({ type }) => type)).size).toBeGreaterThanOrEqual(5);
  });

  test('has no metric that the catalogue does not list', () => {
    const found = new Set(events.flatMap((event) => (event.type === 'metric' ? [event.name] : [])));
    expect([...found].sort()).toEqual(Object.keys(metrics).sort());
  });

  test('has named findings only, each with data of the form of its name', () => {
    const known = new Map(Object.entries(findings));
    for (const event of events) {
      if (event.type !== 'finding') continue;
      const schema = known.get(event.name ?? '');
      expect(schema, `${event.name ?? 'no name'}: ${event.message}`).toBeDefined();
      schema?.parse(event.data);
    }
  });

  test('tells what the report needs of every model that was measured', () => {
    const measured = findingsNamed(events, 'model').map(({ run }) => run);
    expect(measured).toEqual(['teacher', 'width/pruned', 'width/distilled']);
    expect(findingsNamed(events, 'evaluation/perplexity').map(({ run }) => run)).toEqual(measured);
    expect(findingsNamed(events, 'scores')[0]?.data.profile).toHaveProperty('hidden');
    expect(findingsNamed(events, 'plan')[0]?.data.map.layersBefore).toBe(3);
    expect(findingsNamed(events, 'training')[0]?.data).toEqual({ objective: 'forward-kl', steps: 8, tokens: 512 });
  });
});

describe('docs/events.md', () => {
  const rows = new Set([...documented.matchAll(/^\| `([^`]+)`/gm)].map(([, name]) => name));

  test.each([...eventTypes, ...Object.keys(metrics), ...Object.keys(findings)])('documents `%s`', (name) => {
    expect(rows).toContain(name);
  });

  test('documents nothing that is not there', () => {
    const members = ['type', 'run', 'stage', 'time'];
    const known = new Set<string>([...members, ...eventTypes, ...Object.keys(metrics), ...Object.keys(findings)]);
    expect([...rows].filter((name) => !known.has(name ?? ''))).toEqual([]);
  });
});

describe('reading a log', () => {
  const line = JSON.stringify({ type: 'warning', message: 'w', run: 'a', stage: 'b', time: 1 });

  test('leaves out a torn last line', () => {
    expect(parseEvents(`${line}\n${line.slice(0, 20)}`)).toHaveLength(1);
    expect(parseEvents('')).toEqual([]);
  });

  test.each([
    ['no JSON', 'nonsense'],
    ['an unknown type', '{"type":"other","run":"a","stage":"b","time":1}'],
    ['a member that is not there', '{"type":"warning","run":"a","stage":"b","time":1}'],
    [
      'a number that JSON cannot hold',
      '{"type":"metric","name":"x","step":0,"value":null,"run":"a","stage":"b","time":1}',
    ],
  ])('passes over a line with %s, and a warning names it', (_, bad) => {
    const events = parseEvents(`${line}\n${bad}\n${line}\n`);
    const message = 'line 2 of events.ndjson holds no event and is passed over';
    expect(events.map((event) => (event.type === 'warning' ? event.message : ''))).toEqual(['w', 'w', message]);
    expect(reportFromEvents(events, 'r').warnings).toContain(message);
  });

  test('leaves out findings whose data has another form', () => {
    const name: FindingName = 'training';
    const of = (data: object): string =>
      JSON.stringify({ type: 'finding', name, message: 'm', data, run: 'a', stage: 'b', time: 1 });
    const events = parseEvents(`${of({ objective: 1 })}\n${of({ objective: 'x', steps: 1, tokens: 2 })}\n`);
    expect(findingsNamed(events, name).map(({ data }) => data.tokens)).toEqual([2]);
  });
});
