// Places on somebody's machine that tools leave in config.json and tokenizer_config.json: of no use to anybody else, so they stay behind.

const key = /name_or_path$|_file$|_dir$|_folder$/;
const place = /^(?:[\\/]|~[\\/]|[A-Za-z]:[\\/]|file:)/;

/** The entries of a config without those that name a file or folder by its place; names on a hub stay. */
export function withoutMachinePaths(config: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const kept = Object.entries(config).filter(
    ([name, value]) => !(key.test(name) && typeof value === 'string' && place.test(value)),
  );
  return Object.fromEntries(kept);
}
