import { describe, expect, it } from 'vitest';
import { holdFreeSpace } from '../../nodeagent/hold-free-space.ts';
import { nodeReport } from '../../nodeagent/node-report.ts';
import { isKnown } from '../../schemas/node/observed.ts';
import type { PersistenceFolder } from '../../schemas/node/storage.ts';
import { fakeHost, fakeRoot } from './fake-root.ts';
import { reported } from './seen.ts';
import { STORAGE_NODE } from './storage-node.ts';

/** What is told of free space after it was told as `before` and seen as `now`. */
async function told(before: number, now: number, change: Partial<PersistenceFolder> = {}) {
  const { observed, ...rest } = await reported(fakeHost(await fakeRoot(STORAGE_NODE)));
  const { persistence } = observed;
  if (!isKnown(persistence)) throw new Error('The fixture has a folder.');
  const folder = { ...persistence, totalGiB: 500, freeGiB: before };
  const report = nodeReport({ ...rest, observed: { ...observed, persistence: folder } });
  const seen = { ...observed, persistence: { ...folder, freeGiB: now, ...change } };
  return holdFreeSpace(seen, report).persistence;
}

describe('free space at the border of two steps', () => {
  it('is told when it goes down, and not when it comes back', async () => {
    expect(await told(10, 9)).toMatchObject({ freeGiB: 9 });
    expect(await told(9, 10)).toMatchObject({ freeGiB: 9 });
    expect(await told(72, 80)).toMatchObject({ freeGiB: 72 });
  });

  it('is told when it grows by more', async () => {
    expect(await told(9, 11)).toMatchObject({ freeGiB: 11 });
    expect(await told(72, 88)).toMatchObject({ freeGiB: 88 });
  });

  it('is told as it is where it is that of another place, or nothing was told before', async () => {
    expect(await told(9, 10, { mountPoint: '/opt/k8s-weka/other' })).toMatchObject({ freeGiB: 10 });
    const { observed } = await reported(fakeHost(await fakeRoot(STORAGE_NODE)));
    expect(holdFreeSpace(observed, undefined)).toBe(observed);
  });
});
