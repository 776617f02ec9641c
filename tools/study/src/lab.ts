// What every experiment works with: the bundled teacher, text of one seed, and the steps prune, train and measure as functions.
// Trainings are kept by name, so that experiments that share one do not repeat it.
import { fileURLToPath } from 'node:url';
import {
  applyPlan,
  chooseArchitecture,
  collectStatistics,
  createRunContainer,
  createStrategy,
  encodePrompt,
  encodeTrainingDocument,
  evaluateModel,
  loadModel,
  makePlan,
  packed,
  padded,
  parseTarget,
  random,
  takeDocuments,
  trainModel,
  type Architecture,
  type ImportanceScorer,
  type Model,
  type Scores,
  type StageContext,
  type StageTools,
  type Statistics,
  type Strategies,
  type StrategyKind,
  type Target,
  type TokenDocuments,
  type TrainOptions,
} from '@espalier/core';
import { ortBackend } from '@espalier/backend-ort';
import {
  adamw,
  clozeItems,
  cloze,
  cosine,
  jointPruner,
  llama,
  minitronPlugin,
  perplexity,
  tales,
  tinyTalesAssets,
} from '@espalier/plugins';

/** How much a study spends. */
export interface Budget {
  /** Training tokens of each student. */
  readonly tokens: number;
  /** Calibration samples. */
  readonly samples: number;
  readonly threads?: number;
}

/** A trained student, and its loss at every step. */
export interface Training {
  readonly model: Model;
  readonly losses: readonly number[];
}

/** How to train; the other settings are the same for all. */
export interface TrainingPlan {
  readonly student: Model;
  readonly teacher?: Model;
  /** Forward KL when not given. */
  readonly losses?: TrainOptions['losses'];
  readonly tokens?: number;
  readonly rewrite?: Rewrite;
  readonly more?: Partial<TrainOptions>;
}

/** Another world: what becomes of a tale before anybody reads it. */
export type Rewrite = (tale: string) => string;

/** A teacher, text of one seed, and what experiments do with them. */
export interface Lab {
  readonly seed: number;
  /** Training tokens of each student. */
  readonly tokens: number;
  readonly context: StageContext;
  readonly teacher: Model;
  /** A bundled strategy by name. */
  strategy<Kind extends StrategyKind>(kind: Kind, name: string, options?: unknown): Strategies[Kind];
  /** The shape that a search chooses for the teacher, or another model. */
  shape(search: string, target: string, model?: Model): Architecture;
  /** A shape given as such. */
  shapeOf(model: Model, target: Target): Architecture;
  statistics(model: Model, scorers: readonly ImportanceScorer[]): Promise<Statistics>;
  prune(model: Model, scores: Partial<Scores>, target: Architecture): Model;
  /** Trains, or gives what was trained under this name before. */
  train(name: string, plan: TrainingPlan): Promise<Training>;
  /** Cross-entropy per token of held-out text, in nats. */
  loss(model: Model, rewrite?: Rewrite): Promise<number>;
  /** Share of right answers to the cloze task; chance is 1/4. */
  cloze(model: Model): Promise<number>;
  /** Closes the teacher's files. */
  close(): Promise<void>;
}

const size = { batch: 8, length: 128 };
const VALIDATION_TALES = 128;
const CLOZE_ITEMS = 400;

/** A lab of one seed: it decides the order of training and calibration text and all random weights. */
export async function createLab(seed: number, budget: Budget): Promise<Lab> {
  const container = createRunContainer([minitronPlugin]);
  const context: StageContext = {
    backend: ortBackend(budget.threads === undefined ? {} : { threads: budget.threads }),
    random: random(seed),
  };
  const tools: StageTools = { report: () => undefined, signal: new AbortController().signal };
  const { model: teacher, close } = await loadModel(fileURLToPath(tinyTalesAssets), [llama()]);
  const { tokenizer } = teacher;

  const encoded = (text: string): readonly number[] => encodeTrainingDocument(tokenizer, text);
  function* documents(of: 'train' | 'validation', own: number, rewrite: Rewrite): Generator<readonly number[]> {
    for (const text of tales(own, of)) yield encoded(rewrite(text));
  }
  const same: Rewrite = (text) => text;
  const trainingText = (rewrite: Rewrite = same): TokenDocuments => documents('train', seed + 1000, rewrite);
  const questions = clozeItems(1, CLOZE_ITEMS).map(({ prompt, choices, answer }) => ({
    prompt: encodePrompt(tokenizer, prompt),
    choices: choices.flatMap((choice) => tokenizer.encode(choice)),
    answer,
  }));
  const kept = new Map<string, Training>();

  const strategy = <Kind extends StrategyKind>(kind: Kind, name: string, options: unknown = {}): Strategies[Kind] =>
    createStrategy(container, kind, name, options);
  const shape = (search: string, target: string, model: Model = teacher): Architecture =>
    chooseArchitecture(strategy('search', search), model, parseTarget(target));

  return {
    seed,
    tokens: budget.tokens,
    context,
    teacher,
    strategy,
    shape,
    shapeOf: (model: Model, target: Target): Architecture =>
      chooseArchitecture(strategy('search', 'proportional-width'), model, target),
    close,

    statistics(model: Model, scorers: readonly ImportanceScorer[]): Promise<Statistics> {
      const data = padded(documents('train', seed + 2000, same), size);
      const options = { scorers, samples: budget.samples, data };
      return collectStatistics(model, options, context, tools);
    },

    prune(model: Model, scores: Partial<Scores>, target: Architecture): Model {
      return applyPlan(model, makePlan(jointPruner(), model.architecture, scores, target));
    },

    async train(name: string, { student, teacher: from, rewrite, more = {}, ...own }: TrainingPlan): Promise<Training> {
      const known = kept.get(name);
      if (known !== undefined) return known;
      const losses: number[] = [];
      const listening: StageTools = {
        ...tools,
        report: (event) => {
          if (event.type === 'metric' && event.name === 'loss') losses.push(event.value);
        },
      };
      const options: TrainOptions = {
        losses: own.losses ?? [{ term: strategy('loss', 'forward-kl'), weight: 1 }],
        optimizer: adamw(),
        schedule: cosine({ peak: 2.5e-3, warmup: 20 }),
        tokens: own.tokens ?? budget.tokens,
        data: packed(trainingText(rewrite), size),
        ...size,
        ...more,
      };
      const { model } = await trainModel(student, from, options, context, listening);
      const training = { model, losses };
      kept.set(name, training);
      return training;
    },

    async loss(model: Model, rewrite: Rewrite = same): Promise<number> {
      const tales = await takeDocuments(documents('validation', 1, rewrite), VALIDATION_TALES);
      const held = { documents: tales, contextLength: 257 };
      const { perplexity: text } = await evaluateModel(model, [perplexity()], held, context, tools);
      return numberIn(text, 'loss');
    },

    async cloze(model: Model): Promise<number> {
      const { cloze: answers } = await evaluateModel(
        model,
        [cloze()],
        { documents: [], items: questions },
        context,
        tools,
      );
      return numberIn(answers, 'accuracy');
    },
  };
}

function numberIn(result: unknown, name: string): number {
  if (typeof result !== 'object' || result === null) return NaN;
  const value: unknown = Object.entries(result).find(([own]) => own === name)?.[1];
  return typeof value === 'number' ? value : NaN;
}
