// What `npm audit --json` comes to, for outputs as npm 10 and 11 write them.
import { expect, test } from 'vitest';
import { auditVerdict } from './audit.js';

const found = (high: number, critical: number): string =>
  JSON.stringify({
    auditReportVersion: 2,
    vulnerabilities: {},
    metadata: { vulnerabilities: { info: 0, low: 1, moderate: 2, high, critical, total: 3 + high + critical } },
  });

test('low and moderate ones are told, high and critical ones fail', () => {
  expect(auditVerdict(found(0, 0))).toEqual({ line: 'audit: 0 critical, 0 high, 2 moderate, 1 low', failed: false });
  expect(auditVerdict(found(1, 0)).failed).toBe(true);
  expect(auditVerdict(found(0, 1)).failed).toBe(true);
});

test('a registry without the service is no failure, and is said', () => {
  const refused = JSON.stringify({ message: '405 Method Not Allowed', statusCode: 405, error: { summary: '' } });
  expect(auditVerdict(refused)).toEqual({ line: expect.stringContaining('not done') as string, failed: false });
});

test('what is no report is an error', () => {
  expect(() => auditVerdict('')).toThrow();
  expect(() => auditVerdict('{}')).toThrow();
});
