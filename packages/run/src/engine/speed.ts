// What depends on the machine and the moment, measured once for each shape of a run: in rounds that go through all shapes, so that
// whatever else the machine does meets all of them alike. The median of the rounds counts; their range says how far to trust it.
import { join } from 'node:path';
import { at, evaluateModel, measuredBy, stage, type Measured, type Model } from '@espalier/core';
import { z } from 'zod';
import { measuredSchema } from '../events/findings.js';
import { digestJson } from '../folder/digest.js';
import { runFiles } from '../folder/run-folder.js';
import { readRunFile, writeJsonFile } from '../folder/small-files.js';
import { commonInputs, runStage, type Engine } from './engine.js';
import { evaluationInputs, evaluationText, evaluatorsOf, isMeasured } from './measure.js';
import type { RecipeResult } from './run-recipe.js';
import type { SummaryRow } from './summary.js';

const ROUNDS = 3;

interface Shape {
  readonly model: Model;
  /** Names of the rows whose models have it. */
  readonly rows: readonly string[];
}

/** The rows with what was timed beside what was measured before. */
export async function withSpeeds(engine: Engine, result: RecipeResult): Promise<readonly SummaryRow[]> {
  const evaluators = evaluatorsOf(engine).filter(({ timed }) => timed === true);
  const shapes = shapesOf(engine, result);
  if (evaluators.length === 0) return result.rows;
  const schema = z.array(z.array(measuredSchema));
  const { value } = await engine.units.do<readonly (readonly Measured[])[]>({
    name: 'speed',
    inputs: {
      ...commonInputs(engine),
      evaluation: evaluationInputs(engine),
      shapes: [...shapes].map(([shape, { rows }]) => [shape, [...rows]]),
    },
    async make() {
      const timed = await runStage(engine, 'speed', rounds(engine), [...shapes.values()]);
      for (const [index, { rows }] of [...shapes.values()].entries())
        for (const row of rows) tellMeasures(engine, row, at(timed, index));
      return timed;
    },
    save: (timed, folder) => writeJsonFile(join(folder, runFiles.measured), timed),
    load: (folder) => readRunFile(join(folder, runFiles.measured), schema),
  });
  const order = [...shapes.values()];
  return result.rows.map((row) => {
    const shape = order.findIndex(({ rows }) => rows.includes(row.name));
    return shape === -1 ? row : { ...row, measures: [...row.measures, ...at(value, shape)] };
  });
}

/** Shapes in the order of the rows, each with the first model that has it. */
function shapesOf(engine: Engine, { rows, trained, pruned }: RecipeResult): ReadonlyMap<string, Shape> {
  const shapes = new Map<string, Shape>();
  for (const { name } of rows) {
    const source = name === 'teacher' ? engine.original : (trained.get(name) ?? pruned.get(name));
    if (source === undefined || !isMeasured(engine, source)) continue;
    const { model } = source;
    const key = digestJson(z.json().parse({ ...model.architecture }));
    const before = shapes.get(key);
    shapes.set(key, { model: before?.model ?? model, rows: before === undefined ? [name] : [...before.rows, name] });
  }
  return shapes;
}

function rounds(engine: Engine) {
  const evaluators = evaluatorsOf(engine).filter(({ timed }) => timed === true);
  const text = evaluationText(engine);
  return stage('speed', async (shapes: readonly Shape[], context, { report, signal }) => {
    const silent = { signal, report: () => undefined };
    const taken: Measured[][][] = shapes.map(() => []);
    for (let round = 0; round < ROUNDS; round++) {
      for (const [index, { model }] of shapes.entries()) {
        const results = await evaluateModel(model, evaluators, text, context, silent);
        const measures = evaluators.flatMap((own) => {
          const result = results[own.name];
          return result === undefined ? [] : measuredBy(own, result);
        });
        at(taken, index).push(measures);
        report({
          type: 'progress',
          done: round * shapes.length + index + 1,
          total: ROUNDS * shapes.length,
          unit: 'timings',
        });
      }
    }
    return taken.map(medians);
  });
}

/** The median of each number over the rounds, one at least, with its least and greatest value. */
export function medians(taken: readonly (readonly Measured[])[]): readonly Measured[] {
  return at(taken, 0).map((own) => {
    const values = taken
      .flatMap((round) => round.filter(({ evaluator, name }) => evaluator === own.evaluator && name === own.name))
      .map(({ value }) => value)
      .toSorted((a, b) => a - b);
    const last = values.length - 1;
    const middle = (at(values, Math.floor(last / 2)) + at(values, Math.ceil(last / 2))) / 2;
    return { ...own, value: middle, range: [at(values, 0), at(values, last)] };
  });
}

function tellMeasures(engine: Engine, run: string, measures: readonly Measured[]): void {
  const data = { measures: measures.map((own) => ({ ...own, range: own.range && [...own.range] })) };
  engine.tell({
    type: 'finding',
    name: 'measures',
    message: '',
    data: z.json().parse(data),
    run,
    stage: 'speed',
    time: 0,
  });
}
