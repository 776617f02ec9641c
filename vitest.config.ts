// All tests of the repository: one project per workspace package, run from source (no build needed).
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { defineConfig } from 'vitest/config';
import manifest from './package.json' with { type: 'json' };

const root = import.meta.dirname;

// Nx forces colours on whatever its tasks start; what our tests start decides by itself.
delete process.env['FORCE_COLOR'];

// Debian's chromium brings SwiftShader, a software GPU: with it the WebGPU devices are checked on machines without a GPU.
const SWIFTSHADER = '/usr/lib/chromium/vk_swiftshader_icd.json';
const softwareGpu =
  existsSync(SWIFTSHADER) && process.env['VK_ICD_FILENAMES'] === undefined
    ? {
        ESPALIER_SOFTWARE_GPU: 'swiftshader',
        VK_ICD_FILENAMES: SWIFTSHADER,
        XDG_RUNTIME_DIR: process.env['XDG_RUNTIME_DIR'] ?? tmpdir(),
      }
    : {};

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
        // What tests trust is not remembered with the person's own settings.
        env: { ...softwareGpu, XDG_CONFIG_HOME: path.join(tmpdir(), `espalier-tests-${process.pid}`) },
        include: ['src/**/*.spec.ts'],
        setupFiles: ['reflect-metadata'],
        // For tests that hang, and for nothing else: how fast a machine is must not matter.
        testTimeout: 3_600_000,
        hookTimeout: 3_600_000,
      },
    })),
  },
});
