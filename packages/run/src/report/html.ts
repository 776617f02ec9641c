// HTML from templates. Everything put into one is escaped, unless it is HTML already: names, texts and messages come from outside.
// What cannot be seen, or turns the direction of writing, is shown as on a terminal.
import { ownValue, terminalText } from '@espalier/core';

/** A piece of HTML. Made by `html` only, so that text cannot be taken for it. */
export class Html {
  private constructor(readonly source: string) {}

  /** The template's own text with the values between, each escaped unless it is HTML. */
  static join(strings: readonly string[], values: readonly HtmlValue[]): Html {
    return new Html(strings.map((text, index) => text + render(values[index])).join(''));
  }
}

/** What may stand in a template; undefined is nothing at all, a list its members one after another. */
export type HtmlValue = Html | string | number | undefined | readonly HtmlValue[];

/** A template of HTML. */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return Html.join(strings, values);
}

function render(value: HtmlValue): string {
  if (value === undefined) return '';
  if (value instanceof Html) return value.source;
  return typeof value === 'object' ? value.map(render).join('') : escape(String(value));
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escape(text: string): string {
  return terminalText(text).replace(/[&<>"']/g, (character) => ownValue(entities, character) ?? character);
}
