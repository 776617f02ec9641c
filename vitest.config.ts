// All tests of the repository: one project per workspace package, run from source (no build needed).
import path from 'node:path';
import { defineConfig } from 'vitest/config';
import manifest from './package.json' with { type: 'json' };

const root = import.meta.dirname;

export default defineConfig({
  root,
  ssr: { resolve: { conditions: ['@espalier/source'] } },
  test: {
    pool: 'forks',
    maxWorkers: 2,
    projects: manifest.workspaces.map((folder) => ({
      extends: true as const,
      root: path.join(root, folder),
      test: {
        name: path.basename(folder),
        environment: 'node',
        include: ['src/**/*.spec.ts'],
        setupFiles: ['reflect-metadata'],
        testTimeout: 60_000,
        hookTimeout: 60_000,
      },
    })),
  },
});
