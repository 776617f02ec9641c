// What a repository of the hub holds: the commit of a revision, and its files with sizes and digests. Everything the hub says is
// checked before it is used.
import { z } from 'zod';
import type { HubAccess } from './access.js';
import { checkedPath, isCommit } from './names.js';
import { askJson, notThat } from './request.js';

/** What is kept on a hub. */
export type Kind = 'model' | 'dataset';

/** A file of a repository. */
export interface HubFile {
  /** Relative, with `/`. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Its content's digest: SHA-256 where it is kept as a large file, else Git's own id. */
  readonly digest: { readonly algorithm: 'sha256' | 'git'; readonly hex: string };
}

const largestAnswer = 32 * 2 ** 20;
const mostFiles = 200_000;
const mostPages = 200;

const commit = z.object({ sha: z.string().refine(isCommit) });
const size = z.int().nonnegative();
const entry = z.object({
  type: z.string(),
  path: z.string(),
  size: size.optional(),
  oid: z.string().optional(),
  lfs: z.object({ oid: z.string(), size }).nullish(),
});

/** The commit that a branch, tag or commit stands for. Throws `HubError`, `InputError`. */
export async function commitOf(kind: Kind, name: string, revision: string, access: HubAccess): Promise<string> {
  const address = `${access.endpoint}/api/${kind}s/${name}/revision/${encodeURIComponent(revision)}?expand=sha`;
  const { value } = await askJson(address, access, largestAnswer);
  const parsed = commit.safeParse(value);
  if (parsed.success) return parsed.data.sha;
  throw notThat(new URL(address), 'no commit of 40 hexadecimal digits');
}

/** The files of a commit that are wanted. Throws `HubError`; `InputError` for a path, size or digest that cannot be right. */
export async function filesOf(
  { kind, name, wants }: { readonly kind: Kind; readonly name: string; wants(path: string): boolean },
  sha: string,
  access: HubAccess,
): Promise<readonly HubFile[]> {
  const first = `${access.endpoint}/api/${kind}s/${name}/tree/${sha}`;
  const files: HubFile[] = [];
  let address: string | undefined = `${first}?recursive=true`;
  let seen = 0;
  for (let page = 1; address !== undefined; page++) {
    const { value, headers } = await askJson(address, access, largestAnswer);
    const url = new URL(first);
    const entries = z.array(entry).safeParse(value);
    if (!entries.success) throw notThat(url, 'a list of files that cannot be read');
    seen += entries.data.length;
    if (seen > mostFiles || page > mostPages) throw notThat(url, `a list of files without end (${seen} and more)`);
    for (const own of entries.data) if (own.type === 'file' && wants(own.path)) files.push(fileOf(own, url));
    address = nextPage(headers, url);
  }
  return files;
}

function fileOf({ path, size: plainSize, oid, lfs }: z.infer<typeof entry>, url: URL): HubFile {
  checkedPath(path, `list the files of ${url.host}`);
  const hex = lfs ? lfs.oid.replace(/^sha256:/, '') : oid;
  const bytes = lfs ? lfs.size : plainSize;
  if (hex === undefined || bytes === undefined || !(lfs ? /^[0-9a-f]{64}$/ : /^[0-9a-f]{40}$/).test(hex))
    throw notThat(url, `a file (${path}) without its size and digest`);
  return { path, size: bytes, digest: { algorithm: lfs ? 'sha256' : 'git', hex } };
}

/** The next page that a `Link` header names: of the same list at the same place, whatever the header says. */
function nextPage(headers: Headers, first: URL): string | undefined {
  const link = /<([^<>]*)>\s*;\s*rel="?next"?/.exec((headers.get('link') ?? '').slice(0, 4096))?.[1];
  if (link === undefined) return undefined;
  const next = URL.canParse(link, first.href) ? new URL(link, first) : undefined;
  if (next?.origin === first.origin && next.pathname === first.pathname) return next.href;
  throw notThat(first, 'a list of files that goes on at another place');
}
