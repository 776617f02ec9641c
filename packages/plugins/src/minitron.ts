// The plugin that bundles this package's strategies, so that recipes and flags can name them.
import { definePlugin } from '@espalier/core';
import { dynamicAlphaBalancer } from './balancer/dynamic-alpha.js';
import { lmLossBalancer } from './balancer/lm-loss.js';
import { staticBalancer } from './balancer/static.js';
import { teacherSource } from './data/teacher.js';
import { textSource } from './data/text.js';
import { tinyTalesSource } from './data/tinytales.js';
import { cloze } from './evaluator/cloze.js';
import { perplexity } from './evaluator/perplexity.js';
import { throughput } from './evaluator/throughput.js';
import { safetensorsExporter } from './exporter/safetensors.js';
import { llama } from './family/llama.js';
import { mistral } from './family/mistral.js';
import { nemotron } from './family/nemotron.js';
import { qwen2 } from './family/qwen2.js';
import { qwen3 } from './family/qwen3.js';
import { attentionOutputLoss } from './loss/attention-output.js';
import { attentionRelationLoss } from './loss/attention-relation.js';
import { blockOutputLoss } from './loss/block-output.js';
import { crossEntropyLoss } from './loss/cross-entropy.js';
import { embeddingOutputLoss } from './loss/embedding-output.js';
import { forwardKlLoss } from './loss/forward-kl.js';
import { jensenShannonLoss } from './loss/jensen-shannon.js';
import { logitsCosineLoss } from './loss/logits-cosine.js';
import { logitsMseLoss } from './loss/logits-mse.js';
import { mlpInputLoss } from './loss/mlp-input.js';
import { reverseKlLoss } from './loss/reverse-kl.js';
import { explicitMapping } from './mapping/explicit.js';
import { fromLastMapping } from './mapping/from-last.js';
import { uniformMapping } from './mapping/uniform.js';
import { adamw } from './optimizer/adamw.js';
import { sgd } from './optimizer/sgd.js';
import { depthPruner } from './pruner/depth.js';
import { jointPruner } from './pruner/joint.js';
import { sublayerPruner } from './pruner/sublayer.js';
import { widthPruner } from './pruner/width.js';
import { constantRate } from './schedule/constant.js';
import { cosine } from './schedule/cosine.js';
import { linear } from './schedule/linear.js';
import { wsd } from './schedule/wsd.js';
import { activationScorer } from './scorer/activation.js';
import { blockInfluenceScorer } from './scorer/block-influence.js';
import { magnitudeScorer } from './scorer/magnitude.js';
import { randomScorer } from './scorer/random.js';
import { taylorScorer } from './scorer/taylor.js';
import { wandaScorer } from './scorer/wanda.js';
import { depthSearch } from './search/depth.js';
import { gridSearch } from './search/grid.js';
import { halvingSearch } from './search/halving.js';
import { proportionalWidthSearch } from './search/proportional-width.js';
import { plateau } from './stop/plateau.js';
import { tensorBoard } from './subscriber/tensorboard.js';

/** All strategies of this package as one plugin, so that recipes and flags can name them. */
export const minitronPlugin = definePlugin({
  name: '@espalier/plugins',
  provides: [
    ...[llama, mistral, nemotron, qwen2, qwen3],
    ...[tinyTalesSource, textSource, teacherSource],
    ...[activationScorer, blockInfluenceScorer, magnitudeScorer, wandaScorer, taylorScorer, randomScorer],
    ...[proportionalWidthSearch, depthSearch, gridSearch, halvingSearch],
    ...[widthPruner, depthPruner, sublayerPruner, jointPruner],
    ...[crossEntropyLoss, forwardKlLoss, reverseKlLoss, jensenShannonLoss, logitsMseLoss, logitsCosineLoss],
    ...[blockOutputLoss, mlpInputLoss, attentionOutputLoss, embeddingOutputLoss, attentionRelationLoss],
    ...[staticBalancer, dynamicAlphaBalancer, lmLossBalancer],
    ...[uniformMapping, fromLastMapping, explicitMapping],
    ...[adamw, sgd],
    ...[cosine, linear, constantRate, wsd],
    plateau,
    ...[perplexity, cloze, throughput],
    safetensorsExporter,
    tensorBoard,
  ],
});
