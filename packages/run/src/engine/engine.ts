// What every part of a run works with, and how a stage's work becomes a unit of the run folder.
import {
  Pipeline,
  random,
  readRunFile,
  writeJsonFile,
  type Json,
  type PipelineEvent,
  type RunFolder,
  type Stage,
  type StageContext,
  type UnitResult,
} from '@espalier/core';
import { type ResolvedStep } from '../steps/resolve-step.js';
import { join } from 'node:path';
import type { z } from 'zod';
import type { RunData } from '../data/run-data.js';
import type { Recipe, RecipeStep } from '../recipe/schema.js';
import type { StopRequest } from './stop.js';
import type { Workbench } from './wiring.js';
import type { SourceModel } from './models.js';

/** A step of the recipe with its strategies made. */
export interface EngineStep {
  readonly name: string;
  readonly recipe: RecipeStep;
  readonly resolved: ResolvedStep;
}

export interface Engine {
  readonly recipe: Recipe;
  readonly steps: readonly EngineStep[];
  readonly run: RunFolder;
  readonly bench: Workbench;
  /** The first model of all. */
  readonly original: SourceModel;
  readonly data: RunData;
  /** Documents that no training sees. */
  readonly validation: readonly (readonly number[])[];
  /** Text and evaluation documents, as an identity. */
  readonly dataHash: string;
  /** Logs and shows. */
  show(event: PipelineEvent): void;
  readonly stop: StopRequest;
  /** Told what has to be closed at the end. */
  keepOpen(close: () => Promise<void>): void;
}

/** The context of a unit: random streams begin anew for each, so that none depends on which units ran before it. */
export function unitContext({ bench, recipe }: Pick<Engine, 'bench' | 'recipe'>): StageContext {
  return { ...bench.context, random: random(recipe.seed) };
}

/** A line of warning on stderr. */
export function warn(message: string): void {
  process.stderr.write(`espalier: ${message}\n`);
}

/** What every unit depends on beside its own inputs. */
export function commonInputs({ recipe, original }: Engine): { readonly [name: string]: Json } {
  return { seed: recipe.seed, backend: recipe.backend, model: original.hash };
}

/** Runs stages under the name of a row or step; between units, a request to stop ends the run. */
export function runStage<In, Out>(engine: Engine, run: string, stage: Stage<In, Out>, value: In): Promise<Out> {
  return Pipeline.of(value, unitContext(engine), run).pipe(stage).run(engine.show, engine.stop.signal);
}

/** A unit whose result is JSON in one file. */
export async function jsonUnit<Schema extends z.ZodType>(
  engine: Engine,
  name: string,
  inputs: Json,
  { file, schema }: { readonly file: string; readonly schema: Schema },
  make: (folder: string) => Promise<z.input<Schema>>,
): Promise<UnitResult<z.infer<Schema>>> {
  return engine.run.unit({
    name,
    inputs,
    make: async (folder) => writeJsonFile(join(folder, file), await make(folder)),
    load: (folder) => readRunFile(join(folder, file), schema),
  });
}
