// The public API of a package as one text that is committed, so that a change of it shows in the diff. Made by API Extractor
// from the built declarations.
import { readFile, rm, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';

/** One entry point of a package: where its declarations are, and what its report is called. */
export interface ApiEntry {
  /** Folder of the package, from the repository root. */
  readonly folder: string;
  /** The built declarations, from that folder. */
  readonly types: string;
  /** Name of the report without `.api.md`. */
  readonly report: string;
}

/** Every entry point that other people may import. */
export const apiEntries: readonly ApiEntry[] = [
  { folder: 'packages/core', types: 'dist/index.d.ts', report: 'core' },
  { folder: 'packages/core', types: 'dist/index-graph.d.ts', report: 'core-graph' },
  { folder: 'packages/testing', types: 'dist/index.d.ts', report: 'testing' },
  { folder: 'packages/plugins', types: 'dist/index.d.ts', report: 'plugins' },
  { folder: 'packages/backend-ort', types: 'dist/index.d.ts', report: 'backend-ort' },
  { folder: 'packages/backend-tfjs', types: 'dist/index.d.ts', report: 'backend-tfjs' },
];

/** The report of an entry point. Throws when the declarations are not built. */
export async function apiReport(root: string, { folder, types, report }: ApiEntry): Promise<string> {
  const projectFolder = path.join(root, folder);
  const out = await mkdtemp(path.join(tmpdir(), 'espalier-api-'));
  const config = ExtractorConfig.prepare({
    configObjectFullPath: undefined,
    packageJsonFullPath: path.join(projectFolder, 'package.json'),
    configObject: {
      projectFolder,
      mainEntryPointFilePath: path.join(projectFolder, types),
      compiler: { tsconfigFilePath: path.join(projectFolder, 'tsconfig.lib.json') },
      apiReport: { enabled: true, reportFolder: out, reportTempFolder: out, reportFileName: `${report}.api.md` },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        extractorMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
        tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
      },
    },
  });
  try {
    Extractor.invoke(config, { localBuild: true, messageCallback: (message) => void (message.handled = true) });
    return await readFile(path.join(out, `${report}.api.md`), 'utf8');
  } finally {
    await rm(out, { recursive: true, force: true });
  }
}
