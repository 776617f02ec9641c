// Names of rows: `width/distilled` is a method and a training.

/** The method of a row: `width` of `width/distilled`. */
export function methodOf(name: string): string {
  return name.split('/')[0] ?? name;
}

/** The row of the same method before any training. */
export function prunedOf(name: string): string {
  return `${methodOf(name)}/pruned`;
}
