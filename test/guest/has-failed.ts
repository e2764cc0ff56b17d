import { afterAll } from 'vitest';

type Suite = Parameters<Parameters<typeof afterAll>[0]>[1];

/** Calls `end` after all tests of a file, with whether one of them failed, or what had to come before them. */
export function afterAllTests(end: (failed: boolean) => Promise<void>): void {
  // oxlint-disable-next-line no-empty-pattern -- Vitest reads which fixtures are asked for
  afterAll(async ({}, suite) => await end(hasFailed(suite)));
}

export function hasFailed(suite: Suite): boolean {
  return (
    suite.result?.state === 'fail' ||
    suite.tasks.some((task) => task.result?.state === 'fail' || ('tasks' in task && hasFailed(task)))
  );
}
