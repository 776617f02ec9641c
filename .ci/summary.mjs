// One line from the reports that the runs of all projects leave in a folder: `N passed, N failed, N skipped`.
//   node .ci/summary.mjs <folder of the reports> <repository>
// Every package that has a spec file owes `<its folder's name>.json`: a missing or broken report is one failure, and so is a
// file that fails before its first test, or that two reports hold. Reports of other lines of Node (`node-24.json`) are counted as well.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const [, , reports, root] = process.argv;
const { workspaces } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
const total = { passed: 0, failed: 0, skipped: 0 };
const seen = new Set();

function failure(message) {
  total.failed += 1;
  console.error(message);
}

const owing = workspaces.filter((folder) =>
  readdirSync(path.join(root, folder, 'src'), { recursive: true }).some((source) => source.endsWith('.spec.ts')),
);
const others = existsSync(reports) ? readdirSync(reports).filter((name) => /^node-\d+\.json$/.test(name)) : [];

for (const folder of [...owing, ...others.map((name) => path.basename(name, '.json'))]) {
  const file = path.join(reports, `${path.basename(folder)}.json`);
  let report;
  try {
    report = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    failure(`${folder}: no report of its tests (${existsSync(file) ? 'broken' : 'missing'} ${file})`);
    continue;
  }
  total.passed += report.numPassedTests;
  total.failed += report.numFailedTests;
  total.skipped += report.numPendingTests + report.numTodoTests;
  for (const { name, status, assertionResults } of report.testResults) {
    if (status === 'failed' && assertionResults.length === 0) failure(`${name}: failed before its first test`);
    const line = folder.startsWith('node-') ? `${folder}: ` : '';
    if (seen.has(line + name)) failure(`${name}: counted twice`);
    seen.add(line + name);
  }
}
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;
