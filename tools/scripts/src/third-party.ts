// Whose code a user of the packages installs, and under which licences, from the lock file alone: docs/third-party.md.
import { z } from 'zod';

const versions = z.record(z.string(), z.string()).default({});

/** What is read of package-lock.json. */
export const lockSchema = z.object({
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      license: z.string().optional(),
      link: z.boolean().default(false),
      resolved: z.string().optional(),
      hasInstallScript: z.boolean().default(false),
      dependencies: versions,
      optionalDependencies: versions,
    }),
  ),
});
type Lock = z.infer<typeof lockSchema>;

/** A package of somebody else's. */
export interface ThirdParty {
  readonly name: string;
  readonly version: string;
  /** SPDX expression, as the package has it. */
  readonly license: string;
}

/** Where Node would find `name` from the package at `from`; `undefined` where it is not installed (an optional one). */
function located(packages: Lock['packages'], from: string, name: string): string | undefined {
  for (let folder = from; ; folder = folder.replace(/(^|\/)[^/]+$/, '')) {
    const at = `${folder === '' ? '' : `${folder}/`}node_modules/${name}`;
    if (Object.hasOwn(packages, at)) return at;
    if (folder === '') return undefined;
  }
}

/**
 * Every package that installing those in `folders` brings besides our own, by name and version. Peers are the user's to choose.
 * Throws for one without version or licence.
 */
export function thirdParty({ packages }: Lock, folders: readonly string[]): readonly ThirdParty[] {
  const found = new Map<string, ThirdParty>();
  const queue = [...folders];
  const visited = new Set<string>();
  for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
    const own = packages[at];
    if (own === undefined || visited.has(at)) continue;
    visited.add(at);
    if (own.link) {
      if (own.resolved !== undefined) queue.push(own.resolved);
      continue;
    }
    if (at.includes('node_modules/')) {
      const name = at.replace(/^.*node_modules\//, '');
      const { version, license } = own;
      if (version === undefined || license === undefined) throw new Error(`${at} has no version or no licence`);
      found.set(`${name} ${version}`, { name, version, license });
    }
    for (const name of Object.keys({ ...own.dependencies, ...own.optionalDependencies })) {
      const next = located(packages, at, name);
      if (next !== undefined) queue.push(next);
    }
  }
  return [...found.values()].sort((a, b) => (`${a.name} ${a.version}` < `${b.name} ${b.version}` ? -1 : 1));
}

/** The page. */
export function thirdPartyPage(packages: readonly ThirdParty[]): string {
  const rows = packages.map(({ name, version, license }) => `| ${name} | ${version} | ${license} |`);
  return [
    '# Third-party packages',
    '',
    'What installing `@espalier/cli`, and with it all our packages but `@espalier/testing`, brings besides our own, from the lock file;',
    '`npm sbom --omit dev --sbom-format cyclonedx` says the same as a bill of materials. Made by `npm run docs`.',
    '',
    '| package | version | licence |',
    '| --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}
