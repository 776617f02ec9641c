// The whole way by its stages, each an rxjs function: what `compress` of @espalier/run does for a recipe of one step, without its folder.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { calibrate, distil, evaluate, exportTo, parseTarget, Pipeline, prune, score, search } from '@espalier/core';
import {
  activationScorer,
  adamw,
  cosine,
  forwardKlLoss,
  perplexity,
  proportionalWidthSearch,
  widthPruner,
} from '@espalier/plugins';
import { documentsOf } from './held-out.js';
import { bundledTeacher, context, size, text } from './setting.js';

const teacher = await bundledTeacher();
const run = context();
const folder = await mkdtemp(join(tmpdir(), 'by-stages-'));
const { evaluation } = await Pipeline.of({ teacher }, run)
  .pipe(
    calibrate({ scorers: [activationScorer()], samples: 64, data: text(teacher, run) }),
    score([activationScorer()]),
    search(proportionalWidthSearch(), parseTarget('50%')),
    prune(widthPruner()),
    distil({
      losses: [{ term: forwardKlLoss(), weight: 1 }],
      optimizer: adamw(),
      schedule: cosine({ peak: 1e-3, warmup: 10 }),
      tokens: 20 * size.batch * size.length,
      ...size,
      data: text(teacher, run),
    }),
    evaluate([perplexity()], { documents: documentsOf(teacher), contextLength: size.length }),
    exportTo(join(folder, 'half')),
  )
  .run((event) => {
    if (event.type === 'metric' && event.name === 'loss') console.log(event.step, event.value);
  });
console.log(evaluation['perplexity']);
await rm(folder, { recursive: true });
