// What an exporter is: a form in which a model leaves the pipeline.
import type { Model } from '../../model/index.js';
import type { Watch } from '../../pipeline/index.js';

/** What an exporter is told beside the place. */
export interface ExportRequest {
  /** Allows replacing what an earlier export left at the place; anything else there is never replaced. */
  readonly overwrite: boolean;
  /** Told how far it has come, in bytes; nobody listens when not given. */
  readonly watch?: Watch | undefined;
}

/** Writes a model in a form of its own. */
export interface Exporter {
  /** Name in recipes, kebab-case. */
  readonly name: string;
  /** One line for people: which tools read the result. */
  readonly summary: string;
  /**
   * Whether the folder is a Hugging Face model folder with the model's own numbers: then a run loads it again and compares logits. Not so
   * when not given.
   */
  readonly reloads?: boolean;
  /** Throws `InputError` when `export` would refuse the place; asked before a run begins. Everything passes when not given. */
  check?(path: string, request: ExportRequest): Promise<void>;
  /** Writes the model to a folder, whole or not at all. Throws `InputError`, before anything is written, when something else is in the way. */
  export(model: Model, path: string, request: ExportRequest): Promise<void>;
}
