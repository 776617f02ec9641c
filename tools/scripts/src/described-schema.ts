// JSON Schema with the comments of the code it was made from. zod keeps no comments, and documentation of types needs them, so
// they are written once, at the fields of the schema, and read from there.
import ts from 'typescript';
import { z } from 'zod';

type JsonSchema = Readonly<Record<string, unknown>>;

const anything = z.looseObject({});
const objectSchema = z.looseObject({ properties: z.record(z.string(), anything) });

/** The JSON Schema of a recipe, whose steps are described by the code of core's `compressionStep`. Throws for another form. */
export function describedRecipe(schema: JsonSchema, code: string): JsonSchema {
  const { properties } = objectSchema.parse(schema);
  const steps = anything.parse(properties['steps']);
  const items = described(anything.parse(steps['items']), code, 'compressionStep');
  return { ...schema, properties: { ...properties, steps: { ...steps, items } } };
}

/**
 * The JSON Schema of an object, every field that has no description described by the comment that its `z.strictObject` in `code`,
 * a constant called `name`, has at that field; objects in it likewise, where the code says them by constants of their own.
 */
export function described(schema: JsonSchema, code: string, name: string): JsonSchema {
  const file = ts.createSourceFile('module.ts', code, ts.ScriptTarget.Latest, true);
  const constants = new Map(
    file.statements
      .filter(ts.isVariableStatement)
      .flatMap(({ declarationList }) => [...declarationList.declarations])
      .map((own) => [own.name.getText(file), own.initializer] as const),
  );
  const walk = (own: JsonSchema, initializer: ts.Expression | undefined): JsonSchema => {
    const fields = fieldsOf(initializer);
    const entries = Object.entries(objectSchema.parse(own).properties).map(([key, value]) => {
      const field = fields.get(key);
      if (field === undefined) return [key, value];
      const inner = 'properties' in value ? walk(value, constants.get(rootOf(field.initializer))) : value;
      const description = commentOf(field);
      return [key, description === '' || 'description' in value ? inner : { ...inner, description }];
    });
    return { ...own, properties: Object.fromEntries(entries) as JsonSchema };
  };
  return walk(schema, constants.get(name));
}

/** The fields of `z.strictObject({ … })`, by name. */
function fieldsOf(initializer: ts.Expression | undefined): ReadonlyMap<string, ts.PropertyAssignment> {
  if (initializer === undefined || !ts.isCallExpression(initializer)) return new Map();
  const [fields] = initializer.arguments;
  if (fields === undefined || !ts.isObjectLiteralExpression(fields)) return new Map();
  return new Map(fields.properties.filter(ts.isPropertyAssignment).map((own) => [own.name.getText(), own]));
}

/** What a chain of calls begins with: `importance` of `importance.prefault({})`. */
function rootOf(expression: ts.Expression): string {
  return ts.isCallExpression(expression) || ts.isPropertyAccessExpression(expression)
    ? rootOf(expression.expression)
    : expression.getText();
}

function commentOf(field: ts.PropertyAssignment): string {
  const comments = ts.getJSDocCommentsAndTags(field).map(({ comment }) => ts.getTextOfJSDocComment(comment) ?? '');
  return comments.join(' ').replace(/\s+/g, ' ').trim();
}
