// A recipe as strangers may read it: names in place of paths of the machine, and nothing that has the form of a secret.
import { withoutCredentials } from '../secrets/redact.js';

// A path from the root, of a drive, of a share or of the home folder, alone or within text; what follows `:` or `/` is an address.
const path =
  /(?<![\w.:/~\\-])(?:file:\/\/|~(?=[\\/])|[A-Za-z]:(?=[\\/])|\\(?=\\))?(?:[\\/][^\s\\/'"`<>|,;()]+)+[\\/]?/g;

/** Text with paths replaced by their last names. */
export function withoutPaths(text: string): string {
  // A path alone may have spaces in it.
  if (/^(?:\/|~[\\/]|[A-Za-z]:[\\/]|\\\\|file:\/\/)/.test(text)) return lastName(text);
  return text.replaceAll(path, lastName);
}

function lastName(own: string): string {
  return own.split(/[\\/]/).findLast((part) => part !== '') ?? own;
}

/** The same recipe with every text as it may be published. */
export function publicRecipe(value: unknown): unknown {
  if (typeof value === 'string') return withoutCredentials(withoutPaths(value));
  if (Array.isArray(value)) return value.map(publicRecipe);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, own]) => [key, publicRecipe(own)]));
}
