// Options that are paths: whoever writes a recipe means them from the recipe's folder.
import { resolve } from 'node:path';
import { z } from 'zod';

/** The schema of an option that is a path; a relative one counts from the folder of the recipe that it is written in. */
export function pathOption(): z.ZodString {
  return z.string().min(1).meta({ path: true });
}

/**
 * The same options with every relative path made absolute from a folder. Paths are the strings that `schema` marks by
 * `pathOption`, within objects and lists too; whatever does not fit the schema is left as it is, for the schema to refuse.
 */
export function absolutePaths<Options>(schema: z.ZodType, options: Options, folder: string): Options {
  return absolute(schema, options, folder) as Options; // a path is a string before and after
}

function absolute(schema: unknown, value: unknown, folder: string): unknown {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodExactOptional ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodReadonly
  ) {
    return absolute(schema.unwrap(), value, folder);
  }
  if (schema instanceof z.ZodString && typeof value === 'string' && value !== '') {
    return schema.meta()?.['path'] === true ? resolve(folder, value) : value;
  }
  if (schema instanceof z.ZodArray && Array.isArray(value)) {
    return value.map((own: unknown) => absolute(schema.element, own, folder));
  }
  if (!(schema instanceof z.ZodObject) || typeof value !== 'object' || value === null) return value;
  const shape: Readonly<Record<string, unknown>> = schema.shape;
  const entries = Object.entries(value).map(([key, own]: [string, unknown]) =>
    Object.hasOwn(shape, key) ? [key, absolute(shape[key], own, folder)] : [key, own],
  );
  return Object.fromEntries(entries);
}
