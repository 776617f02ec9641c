// The forms of a name: one string finds file, strategy and test, and its camel-case form is what the code exports.

/** `my-scorer` as `myScorer`. */
export function camelCase(name: string): string {
  return name.replaceAll(/-([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());
}

/** What is wrong with a name, or `undefined`: strategies are kebab-case. */
export function nameProblem(name: string): string | undefined {
  if (/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) return undefined;
  return `"${name}" is not kebab-case: use small letters, digits and single hyphens, beginning with a letter`;
}
