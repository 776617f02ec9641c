// Names that become folders of a run: those that no file system, or no other part of the run, has a use for are refused.

/** Units of every run, and files among their folders: a step of such a name would lie in one of them. */
const reserved: readonly string[] = [
  'teacher',
  'pretrained',
  'text',
  'export',
  'samples',
  'speed',
  'answer',
  'manifest.json',
  'measured.json',
];
/** Windows keeps these for devices, with any ending. */
const device = /^(con|prn|aux|nul|com\d|lpt\d)(\..*)?$/i;

/** What is wrong with the name of a recipe or of a step; `undefined` where nothing is. */
export function nameProblem(name: string): string | undefined {
  if (name.startsWith('.') || name.endsWith('.')) return 'a name neither begins nor ends with "."';
  if (name.endsWith('.tmp')) return 'names that end in ".tmp" are those of unfinished files';
  if (name.length > 100) return 'a name has at most 100 characters';
  return device.test(name) ? 'it is a name that Windows keeps for a device' : undefined;
}

/** What is wrong with the names of the steps, and the 0-based number of the step. */
export function stepProblem(
  names: readonly (string | undefined)[],
): { readonly step: number; readonly found: string } | undefined {
  const all = names.map((name, index) => (name ?? `step-${index + 1}`).toLowerCase());
  for (const [step, name] of names.entries()) {
    if (name === undefined) continue;
    const own = name.toLowerCase();
    const found =
      nameProblem(name) ??
      (reserved.includes(own) ? `"${name}" is the name of another part of a run` : undefined) ??
      (all.indexOf(own) < step ? `another step is called so, or so but for the case of its letters` : undefined);
    if (found !== undefined) return { step, found };
  }
  return undefined;
}
