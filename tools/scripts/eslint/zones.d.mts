// Types of the maps for what is written in TypeScript.
interface PackageMap {
  readonly root: string;
  readonly base: readonly string[];
  readonly folders: Readonly<Record<string, { readonly holds: string; readonly imports: readonly string[] }>>;
}

export declare const core: PackageMap;
export declare const run: PackageMap;
export declare function importsOf(own: PackageMap): Readonly<Record<string, readonly string[]>>;
