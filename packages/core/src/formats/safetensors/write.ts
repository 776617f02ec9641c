// Writing safetensors: tensors one after another, piece by piece, into a file that appears whole or not at all.
import { InternalError } from '../../errors.js';
import { writeAll, writeWhole } from '../files.js';
import { quote } from '../quote.js';
import { formatHeader, layOut, type TensorInfo } from './header.js';
import type { TensorSource } from './source.js';

/**
 * Writes the tensors to `path`, larger element types first and otherwise in the order given. A file already there is replaced
 * at the end, and stays as it was if anything throws. The metadata's `format` is what transformers insists on.
 */
export async function writeSafetensors(
  path: string,
  infos: readonly TensorInfo[],
  produce: TensorSource['produce'],
  metadata: Readonly<Record<string, string>> = { format: 'pt' },
): Promise<void> {
  const asked = `write checkpoint ${quote(path)}`;
  const spans = layOut(infos);
  await writeWhole(path, asked, async (file) => {
    await writeAll(file, formatHeader(spans, metadata), asked);
    for (const { name, type, shape, begin, end } of spans) {
      let written = 0;
      for await (const piece of produce({ name, type, shape })) {
        written += piece.length;
        if (written <= end - begin) await writeAll(file, piece, asked);
      }
      if (written !== end - begin)
        throw new InternalError(`tensor ${name} needs ${end - begin} bytes, ${written} were produced`);
    }
  });
}
