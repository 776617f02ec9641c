// What an exporter is: a form in which a model leaves the pipeline.
import type { Model } from '../../model/index.js';

export interface Exporter {
  readonly name: string;
  /** One line for people: which tools read the result. */
  readonly summary: string;
  /** Writes the model to a folder. Throws `InputError`, before anything is written, when something else is in the way. */
  export(model: Model, path: string, options: { readonly overwrite: boolean }): Promise<void>;
}
