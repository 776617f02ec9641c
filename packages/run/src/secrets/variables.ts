// Variables of the environment: which of them are in use, and which are secret by their name.

/** Variables by name, as `process.env`. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** Names that were looked up, by what they were looked up in. */
const lookedUp = new WeakMap<Variables, Set<string>>();

/** Names that text has referred to so far: what these variables hold is in use, and not to be told. */
export function namesLookedUp(variables: Variables): readonly string[] {
  return [...(lookedUp.get(variables) ?? [])];
}

/** What a variable holds, which is in use from now on; `undefined` for one that is not set. */
export function lookUp(name: string, variables: Variables): string | undefined {
  const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
  if (value !== undefined) lookedUp.set(variables, (lookedUp.get(variables) ?? new Set()).add(name));
  return value;
}

const secretName = /TOKEN(?!S)|SECRET|PASSW|CREDENTIAL|(API|ACCESS|PRIVATE|AUTH)_?KEY/i;

/** Whether a variable's name says that what it holds is secret. */
export function isSecretName(name: string): boolean {
  return secretName.test(name);
}
