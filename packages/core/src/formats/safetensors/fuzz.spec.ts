import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { InputError } from '../../errors.js';
import { random, type Random } from '../../random.js';
import { inTemporaryFolder, rawSafetensors } from '../testing/raw-files.js';
import { openSafetensors } from './checkpoint.js';
import { tensorBytes } from './header.js';

const header = {
  __metadata__: { format: 'pt' },
  'model.embed.weight': { dtype: 'F32', shape: [3, 2], data_offsets: [0, 24] },
  'model.norm.weight': { dtype: 'BF16', shape: [4], data_offsets: [24, 32] },
  steps: { dtype: 'I64', shape: [], data_offsets: [32, 40] },
};
const text = JSON.stringify(header);

/** The file with its text damaged but its lengths true, so that the later checks have their turn. */
function damagedText(stream: Random): Uint8Array {
  let damaged = text;
  for (let changes = stream.pick([1, 1, 2]); changes > 0; changes--) {
    const at = stream.integer(damaged.length);
    const replace = (pattern: RegExp, choices: readonly string[]): string => {
      const hits = [...damaged.matchAll(pattern)];
      const hit = hits.length === 0 ? undefined : stream.pick(hits);
      if (hit === undefined) return damaged;
      return damaged.slice(0, hit.index) + stream.pick(choices) + damaged.slice(hit.index + hit[0].length);
    };
    const character = String.fromCharCode(32 + stream.integer(95));
    damaged = stream.pick<() => string>([
      () => damaged.slice(0, at) + character + damaged.slice(at + 1),
      () => damaged.slice(0, at) + character + damaged.slice(at),
      () => damaged.slice(0, at) + damaged.slice(at + 1 + stream.integer(8)),
      () => damaged.slice(0, at) + damaged.slice(at - stream.integer(30)),
      () => replace(/\d+/g, ['0', '1', '2', '4', '24', '32', '40', '-1', '0.5', '1e2', '9007199254740993', '"4"']),
      () => replace(/F32|BF16|I64/g, ['F64', 'F16', 'I32', 'U8', 'X']),
      () => replace(/[a-z]+/g, ['weight', 'steps', 'dtype', '__metadata__', 'é', '']),
    ])();
  }
  return rawSafetensors({ header: damaged, data: stream.pick([40, 40, 40, 40, 40, 40, 40, 40, 39, 41]) });
}

/** The file with a few bytes changed, or cut off. */
function damagedBytes(stream: Random): Uint8Array {
  const bytes = rawSafetensors({ header, data: 40 });
  for (let changes = stream.pick([1, 1, 2]); changes > 0; changes--)
    bytes[stream.integer(stream.pick([8, bytes.length, bytes.length]))] = stream.integer(256);
  return stream.pick([bytes, bytes, bytes.slice(0, stream.integer(bytes.length))]);
}

it('opens or refuses 300 damaged files, and what opens holds together', async () => {
  await inTemporaryFolder(async (folder) => {
    const path = join(folder, 'fuzz.safetensors');
    const tally = { opened: 0, refused: 0 };
    for (let seed = 0; seed < 300; seed++) {
      const stream = random(seed);
      const bytes = seed % 3 === 0 ? damagedBytes(stream) : damagedText(stream);
      await writeFile(path, bytes);
      const result = await openSafetensors(path).catch((error: unknown) => error);
      if (result instanceof Error) {
        expect(result, `seed ${seed}`).toBeInstanceOf(InputError);
        tally.refused++;
        continue;
      }
      tally.opened++;
      const checkpoint = result as Awaited<ReturnType<typeof openSafetensors>>;
      const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
      let total = 8 + length;
      for (const [name, info] of checkpoint.tensors) {
        expect(info.name).toBe(name);
        expect((await checkpoint.bytes(name)).length, `seed ${seed}`).toBe(tensorBytes(info));
        total += tensorBytes(info);
      }
      expect(total, `seed ${seed}`).toBe(bytes.length);
      await checkpoint.close();
    }
    // Both outcomes must occur, or the mutations test nothing.
    expect(tally.opened).toBeGreaterThan(20);
    expect(tally.refused).toBeGreaterThan(200);
  });
});
