// A loss of one's own over states of the layers, beside forward KL: the shallow student's last blocks should say what the teacher's
// last blocks say. Which layers meet is the mapping's affair, how the terms are weighed the balancer's.
import { calibrate, distil, Pipeline, parseTarget, prune, rowMean, score, search, strategy } from '@espalier/core';
import { multiply, subtract, sum } from '@espalier/core/graph';
import { adamw, blockInfluenceScorer, cosine, depthPruner, depthSearch, forwardKlLoss } from '@espalier/plugins';
import { dynamicAlphaBalancer, fromLastMapping } from '@espalier/plugins';
import { bundledTeacher, context, size, text } from './setting.js';

/** Squared distance of block outputs, mean over valid tokens. */
const blockDistance = strategy('loss', {
  name: 'block-distance',
  summary: 'squared distance of block outputs',
  create: () => ({
    needsTeacher: true,
    needs: ['blockOutput'],
    loss(student, teacher, { weights }) {
      const difference = subtract(student.state('blockOutput'), teacher.state('blockOutput')); // [N, C]
      return rowMean(sum(multiply(difference, difference), [-1]), weights);
    },
  }),
});

const teacher = await bundledTeacher();
const run = context();
const scorers = [blockInfluenceScorer()];
const { training } = await Pipeline.of({ teacher }, run)
  .pipe(
    calibrate({ scorers, samples: 16, data: text(teacher, run) }),
    score(scorers),
    search(depthSearch(), parseTarget('50%')),
    prune(depthPruner()),
    distil({
      losses: [
        { term: forwardKlLoss(), weight: 1 },
        { term: blockDistance(), weight: 1 },
      ],
      balancer: dynamicAlphaBalancer(),
      mapping: fromLastMapping({ back: 0 }),
      optimizer: adamw(),
      schedule: cosine({ peak: 2e-3 }),
      tokens: 10 * size.batch * size.length,
      ...size,
      data: text(teacher, run),
    }),
  )
  .run((event) => {
    if (event.type === 'metric' && event.name.startsWith('loss')) console.log(event.name, event.step, event.value);
  });
console.log(`${training.steps} steps, final loss ${training.finalLoss.toFixed(3)}`);
