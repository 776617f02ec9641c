// Examples of values, beside what a schema says of them.

/** What a person might write there, for editors, `espalier init` and the page of recipes. */
export const like = (...examples: readonly unknown[]): { readonly examples: readonly unknown[] } => ({ examples });
