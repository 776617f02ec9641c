// What must not be written or shown, taken out of text by its value: the last line of defence behind references, for messages of
// plugins, commands as a shell gave them, and errors.
import { InputError, type Json, type PipelineEvent } from '@espalier/core';
import { z } from 'zod';
import { isSecretName, type Variables } from './references.js';

/** Text without secrets. */
export type Redact = (text: string) => string;

/** Shorter values are words that may stand anywhere. */
const shortest = 6;

/** Takes out what these variables hold, and those whose name says that they are secret, by `${env:NAME}`; and tokens and passwords by their form. */
export function redactor(names: readonly string[], variables: Variables): Redact {
  const secret = Object.keys(variables).filter(isSecretName);
  const values = [...new Set([...names, ...secret])]
    .flatMap((name) => {
      const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
      return value === undefined || value.trim().length < shortest ? [] : [{ name, value: value.trim() }];
    })
    .toSorted((a, b) => b.value.length - a.value.length);
  return (text) =>
    withoutCredentials(values.reduce((all, { name, value }) => all.replaceAll(value, `\${env:${name}}`), text));
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

function redactJson(value: Json, redact: Redact): Json {
  if (typeof value === 'string') return redact(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((own: Json) => redactJson(own, redact));
  return z
    .record(z.string(), z.json())
    .parse(Object.fromEntries(Object.entries(value).map(([key, own]) => [key, redactJson(own, redact)])));
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
