// `npm run audit`: known vulnerabilities of what users install. Fails for high and critical ones; where the registry has no such service, says so.
import { spawnSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';

const count = z.number();
const reportSchema = z.union([
  z.object({
    metadata: z.object({ vulnerabilities: z.object({ low: count, moderate: count, high: count, critical: count }) }),
  }),
  z.object({ message: z.string() }),
]);

/** What the JSON of `npm audit` comes to: a line, and whether it is a failure. */
export function auditVerdict(output: string): { readonly line: string; readonly failed: boolean } {
  const report = reportSchema.parse(JSON.parse(output));
  if ('message' in report)
    return { line: `audit: not done, the registry said: ${report.message.split(' - ').at(0)}`, failed: false };
  const { low, moderate, high, critical } = report.metadata.vulnerabilities;
  return {
    line: `audit: ${critical} critical, ${high} high, ${moderate} moderate, ${low} low`,
    failed: high + critical > 0,
  };
}

function main(): void {
  const { stdout } = spawnSync('npm', ['audit', '--omit=dev', '--json'], {
    encoding: 'utf8',
    shell: process.platform === 'win32', // npm is a script there
  });
  const { line, failed } = auditVerdict(stdout);
  process.stdout.write(`${line}\n`);
  if (failed) process.exitCode = 1;
}

const [, script = ''] = process.argv;
if (import.meta.url === pathToFileURL(script).href) main();
