// What must not be written or shown, taken out of text by its value: the last line of defence behind references, for messages of
// plugins, commands as a shell gave them, and errors.
import type { Json, PipelineEvent } from '@espalier/core';
import { InputError } from '@espalier/core/words';
import { isSecretName, namesLookedUp, type Variables } from './variables.js';

/** Text without secrets. */
export type Redact = (text: string) => string;

/** Shorter values are words that may stand anywhere. */
const shortest = 6;

/** Takes out what `withoutValues` does, and tokens and passwords by their form. */
export function redactor(names: readonly string[], variables: Variables): Redact {
  const redact = withoutValues(names, variables);
  return (text) => withoutCredentials(redact(text));
}

/**
 * Puts `${env:NAME}` in place of what variables hold: those named, those that a recipe has referred to so far, and those whose name says
 * that they are secret. As it is, as JSON writes it, and as an address does.
 */
export function withoutValues(names: readonly string[], variables: Variables): Redact {
  const secret = Object.keys(variables).filter(isSecretName);
  const values = [...new Set([...names, ...namesLookedUp(variables), ...secret])]
    .flatMap((name) => {
      const value = Object.hasOwn(variables, name) ? variables[name]?.trim() : undefined;
      if (value === undefined || value.length < shortest) return [];
      const forms = new Set([value, JSON.stringify(value).slice(1, -1), inAddress(value)]);
      return [...forms].map((form) => ({ name, form }));
    })
    .toSorted((a, b) => b.form.length - a.form.length);
  return (text) => values.reduce((all, { name, form }) => all.replaceAll(form, () => `\${env:${name}}`), text);
}

/** Text as a part of an address, which has no halves of surrogate pairs. */
function inAddress(text: string): string {
  return encodeURIComponent(text.replaceAll(/\p{Surrogate}/gu, ''));
}

const hidden = '[secret]';

/** Text without what has the form of a token, of a password in an address, or of a flag or parameter that is one. */
export function withoutCredentials(text: string): string {
  return text
    .replaceAll(/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@]+@/gi, `$1${hidden}@`)
    .replaceAll(/([?&][\w-]*(?:token|key|secret|signature|sig|password|credential)[\w-]*=)[^\s&#]+/gi, `$1${hidden}`)
    .replaceAll(/(--[\w-]*(?:token|secret|password|api-?key)[= ])\S+/gi, `$1${hidden}`)
    .replaceAll(/\b(?:hf_|sk-|gh[pousr]_|github_pat_|glpat-|xox[abp]-|AKIA)[\w-]{12,}/g, hidden);
}

/** An event without secrets in its message and its data. */
export function redactEvent(event: PipelineEvent, redact: Redact): PipelineEvent {
  const message = 'message' in event && typeof event.message === 'string' ? { message: redact(event.message) } : {};
  const data = 'data' in event ? { data: redactJson(event.data, redact) } : {};
  return { ...event, ...message, ...data };
}

/** Plain data without secrets in its texts and keys. */
export function redactJson(value: Json, redact: Redact): Json {
  if (typeof value === 'string') return redact(value);
  if (typeof value !== 'object' || value === null) return value;
  if (isList(value)) return value.map((own) => redactJson(own, redact));
  return Object.fromEntries(Object.entries(value).map(([key, own]) => [redact(key), redactJson(own, redact)]));
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

/** Runs work; an error of it that tells a secret is thrown as one that does not. */
export async function shielded<T>(redact: Redact, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw redactError(error, redact);
  }
}

/** The same error, or one like it without the secrets of its message. */
export function redactError(error: unknown, redact: Redact): unknown {
  if (!(error instanceof Error) || redact(error.message) === error.message) return error;
  // The cause would tell it again.
  if (!(error instanceof InputError)) return new Error(redact(error.message));
  const { asked, found, fix } = error.parts;
  return new InputError({ asked: redact(asked), found: redact(found), fix: redact(fix) });
}
