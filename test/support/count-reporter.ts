import type { Reporter, TestModule } from 'vitest/node';

const quietMs = 30_000;

/**
 * Ends a run with `N passed, N failed, N skipped`. What could not even be run counts as failed: a file that does not
 * load, an error outside of any test, a run that failed for any other reason. Without a terminal, a run never stays silent for
 * a minute.
 */
export default class CountReporter implements Reporter {
  #counts = { passed: 0, failed: 1, skipped: 0 };
  #filesDone = 0;
  #files = 0;

  onInit(): void {
    // After the default reporter's own summary, whatever else the end of the process prints.
    process.once('exit', (code) => {
      const { passed, failed, skipped } = this.#counts;
      const told = code === 0 ? failed : Math.max(failed, 1);
      process.stdout.write(`${passed} passed, ${told} failed, ${skipped} skipped\n`);
    });
  }

  onTestRunStart(specifications: readonly unknown[]): void {
    this.#files = specifications.length;
    this.#filesDone = 0;
    if (process.stdout.isTTY) return;
    const started = Date.now();
    setInterval(() => {
      const seconds = Math.round((Date.now() - started) / 1000);
      process.stdout.write(`… ${this.#filesDone} of ${this.#files} test files done after ${seconds} s\n`);
    }, quietMs).unref();
  }

  onTestModuleEnd(): void {
    this.#filesDone++;
  }

  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const counts = { passed: 0, failed: errors.length, skipped: 0 };
    for (const module of modules) {
      const tests = [...module.children.allTests()];
      for (const test of tests) {
        const { state } = test.result();
        counts[state === 'pending' ? 'failed' : state] += 1;
      }
      // A failed hook or a file that does not load fails its module and none of its tests.
      if (module.state() === 'failed' && !tests.some((test) => test.result().state === 'failed')) {
        counts.failed += 1;
      }
    }
    this.#counts = counts;
  }
}
