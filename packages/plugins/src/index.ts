// The public API of @espalier/plugins.
export { minitronPlugin } from './minitron.js';
export { decoderConfig, type DecoderConfig } from './family/decoder-config.js';
export { decoderFamily, type DecoderFamily } from './family/decoder-family.js';
export { llama } from './family/llama.js';
export { mistral } from './family/mistral.js';
export { nemotron } from './family/nemotron.js';
export { qwen2 } from './family/qwen2.js';
export { qwen3 } from './family/qwen3.js';
export { activationScorer } from './scorer/activation.js';
export {
  aggregation,
  aggregations,
  l2Mean,
  type Aggregation,
  type AggregationName,
  type BatchMeasure,
} from './scorer/aggregation/aggregation.js';
export type { BatchSum, SequenceMeasure } from './scorer/aggregation/moments.js';
export { blockInfluenceScorer, influenceOfBlocks } from './scorer/block-influence.js';
export { magnitudeScorer } from './scorer/magnitude.js';
export { randomScorer } from './scorer/random.js';
export { taylorScorer } from './scorer/taylor.js';
export { wandaScorer } from './scorer/wanda.js';
export { depthSearch } from './search/depth.js';
export { gridSearch } from './search/grid.js';
export { halvingSearch } from './search/halving.js';
export { proportionalWidthSearch } from './search/proportional-width.js';
export { depthPruner } from './pruner/depth.js';
export { jointPruner } from './pruner/joint.js';
export { sublayerPruner } from './pruner/sublayer.js';
export { widthPruner } from './pruner/width.js';
export { cloze, type ClozeResult } from './evaluator/cloze.js';
export { normalQuantile } from './evaluator/student-t.js';
export { perplexity, type PerplexityResult } from './evaluator/perplexity.js';
export { throughput, type ThroughputResult } from './evaluator/throughput.js';
export { safetensorsExporter } from './exporter/safetensors.js';
export { textSource } from './data/text.js';
export { openText, type TextFiles } from './data/text/open-text.js';
export { textSpec } from './data/text/text-spec.js';
export { isTextFile, openTexts, type TextFormat, type TextSpec } from './data/text/texts.js';
export { teacherSource } from './data/teacher.js';
export { tinyTalesSource } from './data/tinytales.js';
export { adamw } from './optimizer/adamw.js';
export { sgd } from './optimizer/sgd.js';
export { constantRate } from './schedule/constant.js';
export { cosine } from './schedule/cosine.js';
export { linear } from './schedule/linear.js';
export { wsd } from './schedule/wsd.js';
export { documentLosses, type DocumentLoss, type TokenLossOptions } from './evaluator/token-losses.js';
export { attentionOutputLoss } from './loss/attention-output.js';
export { attentionRelationLoss } from './loss/attention-relation.js';
export { blockOutputLoss } from './loss/block-output.js';
export { crossEntropyLoss } from './loss/cross-entropy.js';
export { embeddingOutputLoss } from './loss/embedding-output.js';
export { forwardKlLoss } from './loss/forward-kl.js';
export { jensenShannonLoss } from './loss/jensen-shannon.js';
export { logitsCosineLoss } from './loss/logits-cosine.js';
export { logitsMseLoss } from './loss/logits-mse.js';
export { mlpInputLoss } from './loss/mlp-input.js';
export { reverseKlLoss } from './loss/reverse-kl.js';
export { dynamicAlphaBalancer } from './balancer/dynamic-alpha.js';
export { lmLossBalancer } from './balancer/lm-loss.js';
export { staticBalancer } from './balancer/static.js';
export { explicitMapping } from './mapping/explicit.js';
export { fromLastMapping } from './mapping/from-last.js';
export { uniformMapping } from './mapping/uniform.js';
export {
  clozeItems,
  tales,
  tinyTalesAssets,
  tokenizerFiles,
  type ClozeItem,
  type Split,
  type Topic,
} from './tinytales/index.js';
export { plateau } from './stop/plateau.js';
export { tensorBoard } from './subscriber/tensorboard.js';
