// Names on the Hugging Face hub, and the simple patterns that files of a data set are chosen by.

const id = /^[A-Za-z0-9][\w.-]*(\/[A-Za-z0-9][\w.-]*)$/;

/** Whether text has the form of a model's id: `OWNER/NAME`. */
export function isHubId(text: string): boolean {
  return id.test(text) && !text.includes('..');
}

/** The id of a data set written as `hub:OWNER/NAME` or `hf://datasets/OWNER/NAME`. */
export function hubDataset(text: string): string | undefined {
  const name = /^(?:hub:|hf:\/\/datasets\/)(.+)$/.exec(text)?.[1];
  return name !== undefined && isHubId(name) ? name : undefined;
}

/** Whether a path matches a pattern: `*` and `?` within a folder, `**` across folders. */
export function matchesPattern(path: string, pattern: string): boolean {
  const source = pattern.replaceAll(/\*\*\/?|[*?]|[.+^${}()|[\]\\]/g, (part) => {
    if (part.startsWith('**')) return '.*';
    if (part === '*') return '[^/]*';
    return part === '?' ? '[^/]' : `\\${part}`;
  });
  return new RegExp(`^${source}$`).test(path);
}
