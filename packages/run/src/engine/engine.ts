// What every part of a run works with, and how a stage is run within it.
import { Pipeline, random, type Json, type PipelineEvent, type Stage, type StageContext } from '@espalier/core';
import type { RunData } from '../data/run-data.js';
import type { Recipe, RecipeStep } from '../recipe/schema.js';
import type { ResolvedStep } from '../steps/resolve-step.js';
import type { TrainedModel } from './models.js';
import type { RunRecord } from './run-record.js';
import type { StopRequest } from './stop.js';
import type { Units } from './units.js';
import type { Workbench } from './workbench.js';

/** A step of the recipe with its strategies made. */
export interface EngineStep {
  readonly name: string;
  readonly recipe: RecipeStep;
  readonly resolved: ResolvedStep;
}

export interface Engine {
  readonly recipe: Recipe;
  readonly steps: readonly EngineStep[];
  readonly units: Units;
  readonly bench: Workbench;
  /** The first model of all; blank until it is pretrained, where the recipe has that. */
  readonly original: TrainedModel;
  readonly data: RunData;
  /** Documents that no training sees. */
  readonly validation: readonly (readonly number[])[];
  /** Text and evaluation documents, as an identity. */
  readonly dataHash: string;
  /** Each time that the run was complete and went on for more tokens. */
  readonly continued: RunRecord['continued'];
  /** Puts an event into the stream of the run. Throws where it cannot be logged. */
  tell(event: PipelineEvent): void;
  readonly stop: StopRequest;
  /** Told what has to be closed at the end. */
  keepOpen(close: () => Promise<void>): void;
}

/** The context of a unit: random streams begin anew for each, so that none depends on which units ran before it. */
export function unitContext({ bench, recipe }: Pick<Engine, 'bench' | 'recipe'>): StageContext {
  return { ...bench.context, random: random(recipe.seed) };
}

/** The one stream of a run. */
export interface RunStream {
  /** Puts an event into it: those who listen first hear it first. Throws what one of them throws. */
  tell(event: PipelineEvent): void;
  /** Hands every event to a listener before the run's subscriber gets it, until the returned function is called. */
  listen(listener: (event: PipelineEvent) => void): () => void;
}

/** A stream whose events go to `emit` last. */
export function runStream(emit: (event: PipelineEvent) => void): RunStream {
  const listeners = new Set<(event: PipelineEvent) => void>();
  return {
    tell(event) {
      for (const listener of listeners) listener(event);
      emit(event);
    },
    listen(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** Where an event belongs that is about the run as a whole. */
export const place = { run: 'teacher', stage: 'start', time: 0 } as const;

/** Something that the user should know about the run as a whole. */
export function notice(message: string): PipelineEvent {
  return { type: 'warning', message, ...place };
}

/** What every unit depends on beside its own inputs. */
export function commonInputs({ recipe, original }: Engine): { readonly [name: string]: Json } {
  return { seed: recipe.seed, backend: recipe.backend, model: original.hash };
}

/** Runs stages under the name of a row or step; between units, a request to stop ends the run. */
export function runStage<In, Out>(engine: Engine, run: string, stage: Stage<In, Out>, value: In): Promise<Out> {
  return Pipeline.of(value, unitContext(engine), run).pipe(stage).run(engine.tell, engine.stop.signal);
}
