// The same training on two backends: nothing but the backend differs, and step by step the losses are the same.
import { at, distil, Pipeline } from '@espalier/core';
import type { Backend } from '@espalier/core/graph';
import { ortBackend } from '@espalier/backend-ort';
import { tfjsBackend } from '@espalier/backend-tfjs';
import { adamw, cosine, crossEntropyLoss } from '@espalier/plugins';
import { bundledTeacher, context, size, text } from './setting.js';

const teacher = await bundledTeacher();

async function losses(backend: Backend): Promise<readonly number[]> {
  const run = context(backend);
  const found: number[] = [];
  await Pipeline.of({ teacher, student: teacher }, run)
    .pipe(
      distil({
        losses: [{ term: crossEntropyLoss(), weight: 1 }],
        optimizer: adamw(),
        schedule: cosine({ peak: 1e-3 }),
        tokens: 3 * size.batch * size.length,
        ...size,
        data: text(teacher, run),
      }),
    )
    .run((event) => {
      if (event.type === 'metric' && event.name === 'loss') found.push(event.value);
    });
  return found;
}

const [ort, tfjs] = [await losses(ortBackend()), await losses(tfjsBackend())];
ort.forEach((loss, step) =>
  console.log(`step ${step}: ONNX Runtime ${loss.toFixed(5)}, TensorFlow.js ${tfjs[step]?.toFixed(5)}`),
);
const worst = Math.max(...ort.map((loss, step) => Math.abs(loss / at(tfjs, step) - 1)));
if (!(worst < 1e-4)) throw new Error(`the backends differ by ${worst}`);
