// Options that are paths: whoever writes a recipe means them from the recipe's folder.
import { z } from 'zod';

/** The schema of an option that is a path; a relative one counts from the folder of the recipe that it is written in. */
export function pathOption(): z.ZodString {
  return z.string().min(1).meta({ path: true });
}

/**
 * The same options with every path changed, e.g. made absolute from a folder. Paths are the strings that `schema` marks by
 * `pathOption`, within objects and lists too; whatever does not fit the schema is left as it is, for the schema to refuse.
 */
export function mapPaths<Options>(schema: z.ZodType, options: Options, change: (path: string) => string): Options {
  return mapped(schema, options, change) as Options; // a path is a string before and after
}

function mapped(schema: unknown, value: unknown, change: (path: string) => string): unknown {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodExactOptional ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodReadonly
  ) {
    return mapped(schema.unwrap(), value, change);
  }
  if (schema instanceof z.ZodString && typeof value === 'string' && value !== '') {
    return schema.meta()?.['path'] === true ? change(value) : value;
  }
  if (schema instanceof z.ZodArray && Array.isArray(value)) {
    return value.map((own: unknown) => mapped(schema.element, own, change));
  }
  if (!(schema instanceof z.ZodObject) || typeof value !== 'object' || value === null) return value;
  const shape: Readonly<Record<string, unknown>> = schema.shape;
  const entries = Object.entries(value).map(([key, own]: [string, unknown]) =>
    Object.hasOwn(shape, key) ? [key, mapped(shape[key], own, change)] : [key, own],
  );
  return Object.fromEntries(entries);
}
