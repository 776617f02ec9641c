// Event files against what TensorBoard's own reader found in the golden file, and checksums against published vectors.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputError, type PipelineEvent } from '@espalier/core';
import { Subject } from 'rxjs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { crc32c, maskedCrc32c } from './crc32c.js';
import { tensorBoard } from './tensorboard.js';

const fixtures = fileURLToPath(new URL('fixtures', import.meta.url));

describe('crc32c', () => {
  // RFC 3720, B.4, and the check value of the CRC catalogue.
  test.each([
    ['32 zeros', new Uint8Array(32), 0x8a9136aa],
    ['32 ones', new Uint8Array(32).fill(0xff), 0x62a8ab43],
    ['0 to 31', Uint8Array.from({ length: 32 }, (_, index) => index), 0x46dd794e],
    ['"123456789"', new TextEncoder().encode('123456789'), 0xe3069283],
  ])('of %s', (_, bytes, expected) => {
    expect(crc32c(bytes)).toBe(expected);
  });

  test('is masked as TFRecord does: rotated, shifted', () => {
    // The length field of a record of 24 bytes and its checksum, as TensorBoard writes them.
    expect(maskedCrc32c(Uint8Array.from([24, 0, 0, 0, 0, 0, 0, 0]))).toBe(0x224b7fa3);
  });
});

describe('the subscriber', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'espalier-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const at = (
    run: string,
    event: Pick<Extract<PipelineEvent, { type: 'metric' }>, 'name' | 'step' | 'value'>,
  ): PipelineEvent => ({
    type: 'metric',
    run,
    stage: 'distil',
    time: 0,
    ...event,
  });

  async function written(events: readonly PipelineEvent[]): Promise<ReadonlyMap<string, Uint8Array>> {
    const stream = new Subject<PipelineEvent>();
    tensorBoard({ folder, now: () => 1_700_000_000_125 }).listen(stream).subscribe();
    for (const event of events) stream.next(event);
    stream.complete();
    const names = await readdir(folder, { recursive: true });
    const files = names.filter((name) => name.includes('tfevents'));
    return new Map(await Promise.all(files.map(async (name) => [name, await readFile(join(folder, name))] as const)));
  }

  const golden: readonly PipelineEvent[] = [
    at('width/distilled', { name: 'loss', step: 0, value: 4.25 }),
    at('width/distilled', { name: 'loss', step: 1, value: 1e-3 }),
    { type: 'progress', done: 2048, total: 4096, unit: 'tokens', run: 'width/distilled', stage: 'distil', time: 1 },
    {
      type: 'finding',
      name: 'evaluation/perplexity',
      message: 'm',
      data: { loss: 0.5, tokens: 100, confidence: [0.4, 0.6] },
      run: 'width/distilled',
      stage: 'evaluate',
      time: 2,
    },
  ];

  test('writes the file whose points TensorBoard read back (tools/oracle/tensorboard-read.py)', async () => {
    const [[name, bytes] = ['', new Uint8Array()]] = await written(golden);
    expect(name).toBe(join('width', 'distilled', 'events.out.tfevents.1700000000.125.espalier'));
    expect(Buffer.compare(bytes, await readFile(join(fixtures, 'golden.tfevents')))).toBe(0);
  });

  test('has a folder for each step, and none that leads elsewhere', async () => {
    const names = ['teacher', '../up', 'a/../../b', 'width: 50%'];
    const files = await written(names.map((run) => at(run, { name: 'loss', step: 0, value: 1 })));
    expect([...files.keys()].map((name) => name.split('/').slice(0, -1).join('/')).sort()).toEqual([
      '_/up',
      'a/_/_/b',
      'teacher',
      'width_ 50_',
    ]);
  });

  test('says what is wrong before the run begins where it cannot write', () => {
    const taken = tensorBoard({ folder: join(fixtures, 'golden.tfevents') });
    expect(() => taken.listen(new Subject())).toThrow(InputError);
  });
});
