// All tests of the repository: one project per package, run from source (no build needed).
import { defineConfig } from 'vitest/config';

const packages = [
  'packages/core',
  'packages/backend-ort',
  'packages/plugins',
  'tools/cli',
  'tools/bench',
  'tools/scripts',
];

export default defineConfig({
  ssr: { resolve: { conditions: ['@espalier/source'] } },
  test: {
    pool: 'forks',
    maxWorkers: 2,
    projects: packages.map((root) => ({
      extends: true as const,
      root,
      test: {
        name: root.slice(root.indexOf('/') + 1),
        environment: 'node',
        include: ['src/**/*.spec.ts'],
        setupFiles: ['reflect-metadata'],
        testTimeout: 60_000,
        hookTimeout: 60_000,
      },
    })),
  },
});
