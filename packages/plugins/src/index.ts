// The public API of @espalier/plugins.
export { minitronPlugin } from './minitron.js';
export { decoderConfig, type DecoderConfig } from './families/decoder-config.js';
export { decoderFamily, type DecoderFamily } from './families/decoder-family.js';
export { llama } from './families/llama.js';
export { mistral } from './families/mistral.js';
export { nemotron } from './families/nemotron.js';
export { qwen2 } from './families/qwen2.js';
export { qwen3 } from './families/qwen3.js';
export { activationScorer, type ActivationOptions, type HeadNorm } from './scorers/activation.js';
export { aggregation, aggregations, l2Mean, type Aggregation, type BatchMeasure } from './aggregations/aggregation.js';
export type { BatchSum, SequenceMeasure } from './aggregations/moments.js';
export { blockInfluenceScorer, influenceOfBlocks, type BlockInfluenceOptions } from './scorers/block-influence.js';
export { magnitudeScorer } from './scorers/magnitude.js';
export { randomScorer } from './scorers/random.js';
export { taylorScorer } from './scorers/taylor.js';
export { wandaScorer } from './scorers/wanda.js';
export { clozeMetric } from './depth-metrics/cloze.js';
export { lossMetric } from './depth-metrics/loss.js';
export { depthSearch } from './search/depth.js';
export { gridSearch, type GridOptions } from './search/grid.js';
export { halvingSearch, type HalvingOptions } from './search/halving.js';
export { proportionalWidthSearch } from './search/proportional-width.js';
export { depthPruner, type DepthOptions } from './pruners/depth.js';
export { jointPruner } from './pruners/joint.js';
export { sublayerPruner } from './pruners/sublayer.js';
export { widthPruner, type WidthOptions } from './pruners/width.js';
export { cloze, type ClozeOptions, type ClozeResult } from './evaluators/cloze.js';
export { perplexity, type PerplexityOptions, type PerplexityResult } from './evaluators/perplexity.js';
export { throughput, type ThroughputOptions, type ThroughputResult } from './evaluators/throughput.js';
export { safetensorsExporter, type SafetensorsOptions } from './exporters/safetensors.js';
export { textSource, type TextOptions } from './data/text.js';
export { openText, type TextFiles } from './data/text/open-text.js';
export { isTextFile, type TextFormat, type TextSpec } from './data/text/texts.js';
export { teacherSource, type TeacherTextOptions } from './data/teacher.js';
export { tinyTalesSource } from './data/tinytales.js';
export { adamw, type AdamWOptions } from './optimizers/adamw.js';
export { sgd, type SgdOptions } from './optimizers/sgd.js';
export { constantRate, type ConstantOptions } from './schedules/constant.js';
export { cosine, type CosineOptions } from './schedules/cosine.js';
export { linear } from './schedules/linear.js';
export { wsd, type WsdOptions } from './schedules/wsd.js';
export { documentLosses, type DocumentLoss, type TokenLossOptions } from './evaluators/token-losses.js';
export { attentionOutputLoss } from './losses/attention-output.js';
export { attentionRelationLoss, type AttentionRelationOptions } from './losses/attention-relation.js';
export { blockOutputLoss } from './losses/block-output.js';
export { crossEntropyLoss } from './losses/cross-entropy.js';
export type { Distance } from './losses/distances.js';
export { embeddingOutputLoss } from './losses/embedding-output.js';
export { forwardKlLoss } from './losses/forward-kl.js';
export type { IntermediateStateOptions } from './losses/intermediate-state.js';
export { jensenShannonLoss, type JensenShannonOptions } from './losses/jensen-shannon.js';
export type { LogitOptions } from './losses/logits.js';
export { logitsCosineLoss } from './losses/logits-cosine.js';
export { logitsMseLoss } from './losses/logits-mse.js';
export { mlpInputLoss } from './losses/mlp-input.js';
export { reverseKlLoss } from './losses/reverse-kl.js';
export { dynamicAlphaBalancer } from './balancers/dynamic-alpha.js';
export { lmLossBalancer, type LmLossOptions } from './balancers/lm-loss.js';
export { staticBalancer } from './balancers/static.js';
export { explicitMapping, type ExplicitOptions } from './mappings/explicit.js';
export { fromLastMapping, type FromLastOptions } from './mappings/from-last.js';
export { uniformMapping } from './mappings/uniform.js';
export {
  clozeItems,
  tales,
  tinyTalesAssets,
  tokenizerFiles,
  type ClozeItem,
  type Split,
  type Topic,
} from './tinytales/index.js';
export { tensorBoard, type TensorBoardOptions } from './subscribers/tensorboard.js';
