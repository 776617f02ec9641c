// A sharded checkpoint: the index file that says which tensor lies in which shard, checked against the shards themselves.
import { z } from 'zod';
import { InputError } from '../../errors.js';
import { firstIssue, readJsonFile } from '../json.js';
import { quote } from '../quote.js';
import { joinCheckpoints, openSafetensors, type Checkpoint } from '../safetensors/checkpoint.js';
import { tensorBytes, type TensorInfo } from '../safetensors/header.js';
import { indexName, resolveInside } from './folder-files.js';

const schema = z.object({
  metadata: z.object({ total_size: z.number().optional() }).optional(),
  weight_map: z.record(z.string(), z.string().endsWith('.safetensors')),
});

/** Opens all shards that the index names; throws InputError unless index and shards agree about every tensor. */
export async function openShards(folder: string): Promise<Checkpoint> {
  const asked = `open sharded checkpoint ${quote(folder)}`;
  const indexPath = await resolveInside(folder, indexName, asked);
  const index = schema.safeParse((await readJsonFile(indexPath, asked)).value);
  if (!index.success)
    throw new InputError(
      {
        asked,
        found: `${indexName} is not an index of tensors and shards (${firstIssue(index.error)})`,
        fix: 'It needs a "weight_map" from tensor names to .safetensors files: get the index again from its source',
      },
      { cause: index.error },
    );
  const { weight_map: weightMap, metadata } = index.data;
  const shards = new Map<string, Checkpoint>();
  try {
    for (const name of [...new Set(Object.values(weightMap))].toSorted())
      shards.set(name, await openSafetensors(await resolveInside(folder, name, asked)));
    checkNames(weightMap, shards, asked);
    const checkpoint = joinCheckpoints([...shards.values()], folder);
    checkTotal(checkpoint, metadata?.total_size, asked);
    return checkpoint;
  } catch (error) {
    await Promise.all([...shards.values()].map((shard) => shard.close()));
    throw error;
  }
}

function checkNames(weightMap: Readonly<Record<string, string>>, shards: Map<string, Checkpoint>, asked: string): void {
  const fix = 'Index and shards are not of the same model: get all of them again from one source';
  for (const [tensor, shard] of Object.entries(weightMap))
    if (shards.get(shard)?.tensors.has(tensor) !== true)
      throw new InputError({
        asked,
        found: `${quote(shard)} lacks tensor ${quote(tensor)} that the index puts there`,
        fix,
      });
  for (const [shard, { tensors }] of shards)
    for (const tensor of tensors.keys())
      if (!Object.hasOwn(weightMap, tensor) || weightMap[tensor] !== shard)
        throw new InputError({
          asked,
          found: `${quote(shard)} holds tensor ${quote(tensor)} that the index does not put there`,
          fix,
        });
}

function checkTotal(checkpoint: Checkpoint, claimed: number | undefined, asked: string): void {
  const total = [...checkpoint.tensors.values()].reduce((sum, info) => sum + tensorBytes(info), 0);
  if (claimed === undefined || claimed === total) return;
  throw new InputError({
    asked,
    found: `the index claims ${claimed} bytes in all, its tensors have ${total}`,
    fix: `Get the model again from its source or, if you trust the shards, set "total_size" in ${indexName} to ${total}`,
  });
}

/** Splits tensors, in order, into shards of at most `maximumBytes` of data; a tensor larger than that stands alone. */
export function splitIntoShards(tensors: readonly TensorInfo[], maximumBytes: number): readonly TensorInfo[][] {
  const shards: TensorInfo[][] = [[]];
  let filled = 0;
  for (const info of tensors) {
    const bytes = tensorBytes(info);
    if (filled > 0 && filled + bytes > maximumBytes) {
      shards.push([]);
      filled = 0;
    }
    shards.at(-1)?.push(info);
    filled += bytes;
  }
  return shards;
}

/** Text of the index file for shards written under these names: sorted and indented like transformers does. */
export function formatIndex(shards: ReadonlyMap<string, readonly TensorInfo[]>): string {
  const entries = [...shards].flatMap(([file, infos]) => infos.map((info) => ({ file, name: info.name, info })));
  const total = entries.reduce((sum, { info }) => sum + tensorBytes(info), 0);
  const lines = entries
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, file }) => `    ${JSON.stringify(name)}: ${JSON.stringify(file)}`);
  return `{\n  "metadata": {\n    "total_size": ${total}\n  },\n  "weight_map": {\n${lines.join(',\n')}\n  }\n}\n`;
}
