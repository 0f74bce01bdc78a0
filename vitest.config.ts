import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** What measures memory: it runs by itself at the end, because other load decides when garbage is collected. */
const measuring = ['test/output/flood.test.ts'];

export default defineConfig({
  // The examples import the package by its name, as users do.
  resolve: { alias: { 'sidecar-machine': fileURLToPath(new URL('src/index.ts', import.meta.url)) } },
  test: {
    globalSetup: ['test/support/global-setup.ts'],
    setupFiles: ['test/support/mark-processes.ts'],
    // A worker loads the package once, not once a file, which is a sixth of the time of the whole run.
    isolate: false,
    // Nothing takes that long: a machine with too much to do must not fail a test that only waits.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'together',
          include: ['test/**/*.test.ts'],
          exclude: measuring,
          // Most tests wait rather than compute.
          maxWorkers: 4,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: { name: 'alone', include: measuring, maxWorkers: 1, sequence: { groupOrder: 1 } },
      },
    ],
  },
});
