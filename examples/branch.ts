// One calibration, then two branches: half the parameters by width, and half by depth. Stages are functions from a value to a
// stream, so a branch is an ordinary rxjs combination of them.
import { calibrate, evaluate, Pipeline, parseTarget, prune, score, search } from '@espalier/core';
import { activationScorer, blockInfluenceScorer, depthPruner, depthSearch } from '@espalier/plugins';
import { documentsOf } from './held-out.js';
import { perplexity, proportionalWidthSearch, widthPruner } from '@espalier/plugins';
import { bundledTeacher, context, text } from './setting.js';

const teacher = await bundledTeacher();
const run = context();
const scorers = [activationScorer(), blockInfluenceScorer()];
const scored = await Pipeline.of({ teacher }, run)
  .pipe(calibrate({ scorers, samples: 32, data: text(teacher, run) }), score(scorers))
  .run();

const half = parseTarget('50%');
const measure = evaluate([perplexity()], { documents: documentsOf(teacher), contextLength: 128 });
const branches = {
  width: Pipeline.of(scored, run).pipe(search(proportionalWidthSearch(), half), prune(widthPruner()), measure),
  depth: Pipeline.of(scored, run).pipe(search(depthSearch(), half), prune(depthPruner()), measure),
};
for (const [name, branch] of Object.entries(branches)) {
  const { evaluation } = await branch.run();
  console.log(name, evaluation['perplexity']);
}
