import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { SlowFirst } from './test/support/slow-first.ts';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/cluster/global-setup.ts', 'test/forge/global-setup.ts'],
    // The last line of a run is `N passed, N failed, N skipped`, over all suites.
    reporters: ['default', './test/support/count-reporter.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // One more than a small machine has processors, since most tests of processes and guests wait half of their time.
    maxWorkers: 3,
    sequence: { sequencer: SlowFirst },
    // Tests start our programs hundreds of times; this halves what each start costs.
    env: { NODE_COMPILE_CACHE: join(import.meta.dirname, 'node_modules/.cache/compiled') },
  },
});
