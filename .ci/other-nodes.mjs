// The data tests on the other lines of Node that are promised: text must come to the same bytes on each. The binaries are those of the
// npm package `node`, from the registry that npm is set to, in a temporary folder; a line that cannot be had there is skipped, by name.
//   node .ci/other-nodes.mjs <folder of the reports>
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Lines of Node beside the one that everything runs on. */
const lines = [22, 24].filter((line) => line !== Number(process.versions.node.split('.')[0]));
/** What reads text or makes tokens of it. */
const specs = [
  'packages/core/src/data',
  'packages/core/src/formats/tokenizer/open.spec.ts',
  'packages/core/src/formats/tokenizer/families.spec.ts',
  'packages/plugins/src/data/text',
  'packages/run/src/data',
  'packages/run/src/folder/event-log.spec.ts',
];

const nothing = { numPassedTests: 0, numFailedTests: 0, numTodoTests: 0, testResults: [] };

const [, , reports] = process.argv;
const root = path.resolve(import.meta.dirname, '..');
mkdirSync(reports, { recursive: true });
const failed = lines.filter((line) => !passes(line));
process.exitCode = failed.length > 0 ? 1 : 0;

function passes(line) {
  const report = path.resolve(reports, `node-${line}.json`);
  const folder = mkdtempSync(path.join(tmpdir(), `espalier-node-${line}-`));
  try {
    const node = installed(line, folder);
    if (node === undefined) {
      console.log(`Node ${line}: cannot be had from the registry here; the data tests on it are skipped`);
      writeFileSync(report, JSON.stringify({ ...nothing, numPendingTests: 1 }));
      return true;
    }
    const vitest = path.join('node_modules', 'vitest', 'vitest.mjs');
    const options = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    return spawnSync(node, [vitest, 'run', ...specs, ...options], { cwd: root, stdio: 'inherit' }).status === 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The newest of a line, as a package for this machine: `node` itself only installs that, by a script that is not run. */
function installed(line, folder) {
  const windows = process.platform === 'win32';
  const name = `node-${windows ? 'win' : process.platform}-${process.arch}`;
  try {
    const flags = [
      '--no-save',
      '--no-package-lock',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--fetch-retries=1',
    ];
    execFileSync('npm', ['install', '--prefix', folder, ...flags, `${name}@${line}`], {
      stdio: 'ignore',
      timeout: 60_000,
      shell: windows,
    });
    const node = path.join(folder, 'node_modules', name, 'bin', windows ? 'node.exe' : 'node');
    return execFileSync(node, ['--version'], { encoding: 'utf8' }).startsWith(`v${line}.`) ? node : undefined;
  } catch {
    return undefined;
  }
}
