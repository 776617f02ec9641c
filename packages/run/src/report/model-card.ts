// The model card: the README.md of an exported folder, with the metadata that the Hugging Face hub reads. Measured numbers only; what is
// not known is left out.
import { ownValue, terminalText, worseThanChance } from '@espalier/core';
import { stringify } from 'yaml';
import { z } from 'zod';
import { cardFront, readCardMetadata } from './card-metadata.js';
import { formatInteger, formatPercent } from './format.js';
import { measureText, rowLabel, spreadText } from './table.js';
import type { Measured } from '@espalier/core';
import { measureIn, measuresOf, type SummaryRow } from '../engine/summary.js';
import { publicRecipe } from './public-recipe.js';
import { methodOf } from './row-names.js';
import type { ReportData } from './report-data.js';
import { differ, isShare } from './significance.js';

export interface ModelCardSubject {
  /** How the model is called. */
  readonly name: string;
  /** Name of the row that was exported. */
  readonly row: string;
  /** The model it was made from: a hub id, or a folder, of which only the name is told; absent where the run began from random weights. */
  readonly base?: string;
  /** Text of the base model's card, from which license and languages are carried over. */
  readonly baseCard?: string;
  /** Hub ids of the data sets it learned from. */
  readonly datasets?: readonly string[];
}

/** The row of a model that no other one was made from. */
const PRETRAINED = 'pretrained';
const HUB_ID = /^[\w.-]+\/[\w.-]+$/;

/** The card's text. The rows shown are the teacher, the model as pruned, and the model itself. */
export function modelCard(subject: ModelCardSubject, report: ReportData): string {
  const [teacher] = report.rows;
  const own = report.rows.find(({ name }) => name === subject.row);
  const pruned = report.rows.find(({ name }) => name === `${methodOf(subject.row)}/pruned` && name !== subject.row);
  const parts = [
    cardFront(harmless(metadata(subject))),
    `# ${plain(subject.name)}`,
    lead(subject, teacher, own),
    ...(teacher && own
      ? ['## Measured', table([...new Set([teacher, ...(pruned ? [pruned] : []), own])]), remarks(teacher, own, report)]
      : []),
    '## How it was made',
    making(subject, report),
    '## How to load it',
    '```python\nfrom transformers import AutoModelForCausalLM, AutoTokenizer\n\nmodel = AutoModelForCausalLM.from_pretrained("path/to/this/folder")\ntokenizer = AutoTokenizer.from_pretrained("path/to/this/folder")\n```',
    'It is an ordinary checkpoint of its family: no custom code is needed.',
    ...(report.origin?.recipe === undefined
      ? []
      : [
          '## Recipe',
          `\`\`\`yaml\n${stringify(harmless(publicRecipe(report.origin.recipe))).replaceAll('```', "'''")}\`\`\``,
        ]),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function metadata({ base, row, baseCard, datasets = [] }: ModelCardSubject): Readonly<Record<string, unknown>> {
  const { license, license_name, license_link, language } = readCardMetadata(baseCard ?? '');
  return {
    ...(base !== undefined && HUB_ID.test(base) && { base_model: base }),
    library_name: 'transformers',
    pipeline_tag: 'text-generation',
    tags: ['espalier', ...(row === PRETRAINED ? [] : ['pruning', 'knowledge-distillation'])],
    ...(datasets.length > 0 && { datasets }),
    ...{ license, license_name, license_link, language },
  };
}

function lead({ base, row }: ModelCardSubject, teacher: SummaryRow | undefined, own: SummaryRow | undefined): string {
  if (row === PRETRAINED) return 'A model trained from random weights with Espalier.';
  const name = baseText(base);
  const from = `A smaller model made from ${name} by structured pruning and distillation with Espalier.`;
  if (teacher === undefined || own === undefined) return from;
  return `${from} It has ${formatInteger(own.parameters)} parameters, ${formatPercent(own.parameters / teacher.parameters)} of the ${formatInteger(teacher.parameters)} it was made from.`;
}

function baseText(base: string | undefined): string {
  if (base === undefined) return 'one that was trained from random weights for it,';
  return HUB_ID.test(base) ? `[${base}](https://huggingface.co/${base})` : plain(base.split(/[\\/]/).at(-1) ?? base);
}

function table(rows: readonly SummaryRow[]): string {
  // A speed is this machine's, and another one each time.
  const measures = measuresOf(rows).filter(({ timed }) => timed !== true);
  const head = [
    'model',
    'parameters',
    'non-embedding',
    ...measures.map(({ label, interval }) => plain(!interval ? label : `${label} (95% interval)`)),
    'trained on',
  ];
  const cells = rows.map((row) => [
    plain(rowLabel(row.name)),
    formatInteger(row.parameters),
    formatInteger(row.nonEmbeddingParameters),
    ...measures.map((own) => measureCell(measureIn(row, own))),
    row.trainingTokens === 0 ? '–' : `${formatInteger(row.trainingTokens)} tokens`,
  ]);
  return [head, head.map((_, index) => (index === 0 ? '---' : '--:')), ...cells]
    .map((row) => `| ${row.join(' | ')} |`)
    .join('\n');
}

function measureCell(measured: Measured | undefined): string {
  if (measured === undefined) return '';
  const { interval } = measured;
  const text = measureText(measured);
  return !interval
    ? `${text}${spreadText(measured)}`
    : `${text} (${interval.map((value) => measureText({ ...measured, value })).join('–')})`;
}

const overlapping = z.object({ evaluation: z.object({ allowOverlap: z.literal(true) }) });

function remarks(teacher: SummaryRow, own: SummaryRow, { origin }: ReportData): string {
  const text = overlapping.safeParse(origin?.recipe).success
    ? 'Measured on text that may have been trained on as well.'
    : 'Measured on text that was not trained on.';
  const worse = measuresOf([own]).filter(worseThanChance);
  const guesses = worse.map(({ label }) => `Its ${plain(label)} is worse than that of a guess.`);
  const shares = measuresOf(own === teacher ? [] : [own]).flatMap((measure) => {
    const [mine, whole] = [measureIn(own, measure), measureIn(teacher, measure)];
    if (!isShare(mine) || !isShare(whole)) return [];
    const compared = differ(mine, whole)
      ? 'differ by more than the measurement is uncertain'
      : 'cannot be told apart from each other';
    const chance = mine.chance === undefined ? '' : `Chance on ${plain(mine.label)} is ${formatPercent(mine.chance)}; `;
    return [`${chance}this model and the teacher ${compared} on its ${formatInteger(mine.n)} questions.`];
  });
  return [text, ...shares, ...guesses].join(' ');
}

function making({ row }: ModelCardSubject, { plans, curves, origin, scores, rows, answer }: ReportData): string {
  const plan = plans.find(({ name }) => name === methodOf(row))?.plan;
  const curve = curves.find(({ name }) => name === row);
  const tokens = rows.find(({ name }) => name === row)?.trainingTokens;
  const sizes = Object.entries(plan?.map.sizesAfter ?? {}).flatMap(([axis, after]) => {
    const before = ownValue(plan?.map.sizesBefore ?? {}, axis);
    return before === undefined || before === after
      ? []
      : [`${plain(axis)} ${formatInteger(before)} → ${formatInteger(after)}`];
  });
  const dropped =
    plan === undefined || plan.dropped.length === 0 ? [] : [`layers ${plan.dropped.join(', ')} dropped (0-based)`];
  const lines = [
    ...(scores === undefined
      ? []
      : [
          `Importance of ${scores.axes.map(plain).join(', ')} from ${formatInteger(scores.samples)} samples (${formatInteger(scores.tokens)} tokens).`,
        ]),
    ...(plan === undefined ? [] : [`Pruned: ${[...dropped, ...sizes].join('; ') || 'nothing'}.`]),
    ...(curve === undefined || tokens === undefined
      ? []
      : [
          `Trained on ${formatInteger(tokens)} tokens with the objective ${plain(curve.objective)}, ${formatInteger(curve.points.length)} steps.`,
        ]),
    ...(origin === undefined
      ? []
      : [
          `Seed ${origin.seed}; ${Object.entries(origin.versions)
            .map(([name, version]) => `${plain(name)} ${plain(version)}`)
            .join(', ')}.`,
        ]),
  ];
  const hash =
    answer?.row === row && answer.hash !== undefined ? [`SHA-256 of shape and weights: ${plain(answer.hash)}.`] : [];
  return [...lines, ...hash].map((line, index) => `${index + 1}. ${line}`).join('\n');
}

/** Plain data whose texts hold nothing that cannot be seen. */
function harmless(value: unknown): unknown {
  if (typeof value === 'string') return terminalText(value);
  if (Array.isArray(value)) return value.map(harmless);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, own]) => [terminalText(key), harmless(own)]));
}

/** Text that Markdown takes as it is. */
function plain(text: string): string {
  return terminalText(text.replace(/\s+/g, ' ')).replace(/[\\`*_~[\]<>|#&!]/g, (character) => `\\${character}`);
}
