// What the papers say of retraining: what to learn from, which loss, how often to cut, and what it saves.
import { at, initialise, type Model, type TrainOptions } from '@espalier/core';
import type { Experiment, Numbers } from './experiment.js';
import { calibrated, halved, scoresOf } from './importance-experiments.js';
import type { Lab, Training } from './lab.js';

type Losses = TrainOptions['losses'];

const weighted = (lab: Lab, ...names: readonly string[]): Losses =>
  names.map((name) => ({ term: lab.strategy('loss', name), weight: 1 }));

/** The main training: pruned by width, taught by forward KL. */
async function distilled(lab: Lab): Promise<Training> {
  return lab.train('width KL', { student: await halved(lab, 'proportional-width'), teacher: lab.teacher });
}

async function row(lab: Lab, { model }: { readonly model: Model }): Promise<Numbers> {
  return { loss: await lab.loss(model), cloze: await lab.cloze(model) };
}

/** Width or depth, before and after retraining. */
export const widthOrDepth: Experiment = {
  name: 'width or depth',
  claim:
    'depth may look better right after pruning, width is ahead after retraining; the curves cross early (tables 1 and 13, figure 7 of the second paper)',
  async run(lab) {
    const [narrow, shallow] = [await halved(lab, 'proportional-width'), await halved(lab, 'depth')];
    const width = await distilled(lab);
    const depth = await lab.train('depth KL', { student: shallow, teacher: lab.teacher });
    const numbers = async (student: Model, { model }: Training): Promise<Numbers> => ({
      'loss, pruned': await lab.loss(student),
      ...prefixed(await row(lab, { model }), 'distilled'),
    });
    return {
      width: { ...(await numbers(narrow, width)), 'ahead from step': crossover(width.losses, depth.losses) },
      depth: { ...(await numbers(shallow, depth)), 'ahead from step': crossover(depth.losses, width.losses) },
    };
  },
};

function prefixed(numbers: Numbers, word: string): Numbers {
  return Object.fromEntries(Object.entries(numbers).map(([name, value]) => [`${name}, ${word}`, value]));
}

const WINDOW = 10;

/** The first step (0-based) from which on the moving average of `a` stays below that of `b`; NaN when it ends above. */
export function crossover(a: readonly number[], b: readonly number[]): number {
  const smooth = (values: readonly number[]): readonly number[] =>
    values.map((_, index) => {
      const part = values.slice(Math.max(0, index - WINDOW + 1), index + 1);
      return part.reduce((x, y) => x + y, 0) / part.length;
    });
  const [ours, theirs] = [smooth(a), smooth(b)];
  const lastBehind = ours.findLastIndex((own, index) => own >= at(theirs, index));
  return lastBehind === ours.length - 1 ? NaN : lastBehind + 1;
}

/** Where the start and the loss come from. */
export const startAndLoss: Experiment = {
  name: 'what to learn from',
  claim:
    'pruned and distilled beats pruned with the ordinary loss, which beats training from scratch (table 14, figure 6)',
  async run(lab) {
    const student = await halved(lab, 'proportional-width');
    const fresh = initialise(student, lab.context.random.fork('scratch'));
    const ordinary = weighted(lab, 'cross-entropy');
    return {
      'pruned, KL': await row(lab, await distilled(lab)),
      'pruned, LM loss': await row(lab, await lab.train('width LM', { student, losses: ordinary })),
      'random start, KL': await row(lab, await lab.train('scratch KL', { student: fresh, teacher: lab.teacher })),
      'random start, LM loss': await row(lab, await lab.train('scratch LM', { student: fresh, losses: ordinary })),
    };
  },
};

/** Loss terms for the narrow student, whose layers are all there. */
export const widthLosses: Experiment = {
  name: 'loss, cut by width',
  claim:
    'forward KL alone is best: better than reverse KL, MSE or cosine on logits, and than KL plus LM loss (tables 15 and 16)',
  async run(lab) {
    const student = await halved(lab, 'proportional-width');
    const variants: Record<string, Losses> = {
      'KL + LM loss': weighted(lab, 'forward-kl', 'cross-entropy'),
      'reverse KL': weighted(lab, 'reverse-kl'),
      'Jensen–Shannon': weighted(lab, 'jensen-shannon'),
      'logits MSE': weighted(lab, 'logits-mse'),
      'logits cosine + LM loss': weighted(lab, 'logits-cosine', 'cross-entropy'),
      'KL, top 8': [{ term: lab.strategy('loss', 'forward-kl', { topK: 8 }), weight: 1 }],
    };
    const rows: Record<string, Numbers> = { KL: await row(lab, await distilled(lab)) };
    for (const [name, losses] of Object.entries(variants)) {
      rows[name] = await row(lab, await lab.train(`width ${name}`, { student, teacher: lab.teacher, losses }));
    }
    return rows;
  },
};

/** Loss terms for the shallow student, whose layers have to take over from those that went. */
export const depthLosses: Experiment = {
  name: 'loss, cut by depth',
  claim:
    'after a deep cut, intermediate states and embeddings help a little, balanced dynamically and mapped from the last layers (table 17)',
  async run(lab) {
    const student = await halved(lab, 'depth');
    const more = {
      balancer: lab.strategy('balancer', 'dynamic-alpha'),
      mapping: lab.strategy('mapping', 'from-last', { back: 0 }),
    };
    const kl = await lab.train('depth KL', { student, teacher: lab.teacher });
    const states = weighted(lab, 'forward-kl', 'block-output');
    const both = weighted(lab, 'forward-kl', 'block-output', 'embedding-output');
    return {
      'KL + block output': await row(
        lab,
        await lab.train('depth states', { student, teacher: lab.teacher, losses: states, more }),
      ),
      KL: await row(lab, kl),
      'KL + block output + embedding': await row(
        lab,
        await lab.train('depth both', { student, teacher: lab.teacher, losses: both, more }),
      ),
    };
  },
};

/** Half the size in one cut, or in two with training between them, at equal tokens. */
export const oneStepOrTwo: Experiment = {
  name: 'one step or two',
  claim:
    'within moderate compression one cut is at least as good as several with retraining between them (figures 7 and 8)',
  async run(lab) {
    const half = Math.round(lab.tokens / 2);
    const whole = lab.shape('proportional-width', '50%');
    const first = lab.prune(
      lab.teacher,
      await scoresOf(lab, lab.teacher, await calibrated(lab, lab.teacher)),
      lab.shape('proportional-width', '72%'),
    );
    const middle = await lab.train('72%', { student: first, teacher: lab.teacher, tokens: half });
    const scores = await scoresOf(lab, middle.model, await calibrated(lab, middle.model));
    const second = lab.prune(middle.model, scores, whole);
    const byTeacher = await lab.train('72% then 50%', { student: second, teacher: lab.teacher, tokens: half });
    const byLast = await lab.train('72% then 50%, last', { student: second, teacher: middle.model, tokens: half });
    return {
      'one step': await row(lab, await distilled(lab)),
      'two steps, first teacher': await row(lab, byTeacher),
      'two steps, last model teaches': await row(lab, byLast),
    };
  },
};

/** Feelings change places: what follows from what is no longer what the teacher has learnt. */
const otherWorld = (tale: string): string => {
  const pairs = [
    ['happy', 'sad'],
    ['cold', 'hungry'],
    ['tired', 'proud'],
    ['wet', 'bored'],
  ] as const;
  const swapped = new Map(pairs.flatMap(([a, b]) => [[a, b] as const, [b, a] as const]));
  return tale.replaceAll(/[a-z]+/g, (word) => new Map<string, string>(swapped).get(word) ?? word);
};

/** The teacher first learns the text of distillation, where it is another than that of its training. */
export const teacherCorrection: Experiment = {
  name: 'teacher correction',
  claim:
    'where the text differs from that of pretraining, a teacher fine-tuned on it first makes better students; pruning the original and distilling from the corrected one is on par (second paper, section 3, figure 5)',
  async run(lab) {
    const losses = weighted(lab, 'cross-entropy');
    const corrected = await lab.train('correction', { student: lab.teacher, losses, rewrite: otherWorld });
    const student = await halved(lab, 'proportional-width');
    const prunedLate = lab.prune(
      corrected.model,
      await scoresOf(lab, corrected.model, await calibrated(lab, corrected.model)),
      lab.shape('proportional-width', '50%'),
    );
    const taught = async (name: string, start: Model, teacher: Model): Promise<Numbers> => {
      const { model } = await lab.train(name, { student: start, teacher, rewrite: otherWorld });
      return { 'loss on the new text': await lab.loss(model, otherWorld) };
    };
    return {
      'original pruned, corrected teaches': await taught('corrected teaches', student, corrected.model),
      'corrected pruned, corrected teaches': await taught('corrected pruned', prunedLate, corrected.model),
      'original pruned, original teaches': await taught('original teaches', student, lab.teacher),
      'teacher, original': { 'loss on the new text': await lab.loss(lab.teacher, otherWorld) },
      'teacher, corrected': { 'loss on the new text': await lab.loss(corrected.model, otherWorld) },
    };
  },
};

const MULTIPLES = [1, 2, 4, 8];

/** How many tokens the same shape needs from scratch to be as good. */
export const tokensSaved: Experiment = {
  name: 'tokens saved',
  claim: 'the pruned and distilled model needs up to 40 times fewer tokens than the same shape trained from scratch',
  async run(lab) {
    const student = await halved(lab, 'proportional-width');
    const fresh = initialise(student, lab.context.random.fork('scratch'));
    const goal = await row(lab, await distilled(lab));
    const rows: Record<string, Numbers> = { 'pruned, KL': { ...goal, tokens: lab.tokens } };
    for (const multiple of MULTIPLES) {
      const name = multiple === 1 ? 'scratch LM' : `scratch LM × ${multiple}`;
      const tokens = lab.tokens * multiple;
      const trained = await lab.train(name, { student: fresh, losses: weighted(lab, 'cross-entropy'), tokens });
      rows[`scratch, ${multiple} × the tokens`] = { ...(await row(lab, trained)), tokens };
    }
    return rows;
  },
};
