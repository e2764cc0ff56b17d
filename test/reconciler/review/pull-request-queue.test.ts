import { describe, expect, test } from 'vitest';
import type { PullRequest } from '../../../reconciler/forge-port.ts';
import type { CommitSha } from '../../../reconciler/ports.ts';
import { PullRequestQueue, type Visit } from '../../../reconciler/review/pull-request-queue.ts';

const LIMITS = { concurrency: 2, settleMs: 10_000 };

describe('a queue of pull requests', () => {
  test('gives the one changed last first, and no more at once than it may', () => {
    const queue = new PullRequestQueue(LIMITS);
    queue.told(
      [pullRequest(1, { updated: 5 }), pullRequest(2, { updated: 9 }), pullRequest(3, { updated: 7 })],
      0,
    );
    expect(numbers(taken(queue, 0))).toEqual([2, 3]);
    expect(queue.counts).toEqual({ open: 3, due: 1, visited: 2 });
  });

  test('has nothing to do once all were looked at and nothing moves', () => {
    const queue = looked([pullRequest(1), pullRequest(2)]);
    queue.told([pullRequest(1), pullRequest(2)], 100_000);
    expect(queue.next(100_000)).toBeUndefined();
    expect(queue.nextAt()).toBeUndefined();
  });

  test('gives the one with a new head, and says so', () => {
    const queue = looked([pullRequest(1), pullRequest(2)]);
    queue.told([pullRequest(1), pullRequest(2, { head: 'b', updated: 2 })], 100);
    const visit = queue.next(100);
    expect(visit?.pullRequest.number).toBe(2);
    expect([...(visit?.why ?? [])]).toEqual(['head']);
    expect(queue.next(100)).toBeUndefined();
  });

  test('has a visit given up whose head is no more, and gives the new head after it', () => {
    const queue = new PullRequestQueue(LIMITS);
    queue.told([pullRequest(1)], 0);
    const [visit] = taken(queue, 0);
    expect(queue.told([pullRequest(1, { head: 'b', updated: 2 })], 10)).toEqual([1]);
    expect(queue.next(10)).toBeUndefined();
    queue.outdated(visit!);
    expect(queue.next(10)?.pullRequest.head.commit).toBe('b');
  });

  test('has a visit given up whose pull request was closed, and forgets it', () => {
    const queue = new PullRequestQueue(LIMITS);
    queue.told([pullRequest(1)], 0);
    const [visit] = taken(queue, 0);
    expect(queue.told([], 10)).toEqual([1]);
    queue.outdated(visit!);
    expect(queue.counts).toEqual({ open: 0, due: 0, visited: 0 });
    expect(queue.next(10)).toBeUndefined();
  });

  test('looks at all again when the base moves, but not when it is seen first', () => {
    const queue = new PullRequestQueue(LIMITS);
    queue.told([pullRequest(1), pullRequest(2)], 0);
    queue.baseIs('x' as CommitSha);
    for (const visit of taken(queue, 0)) queue.ended(visit);
    queue.baseIs('x' as CommitSha);
    expect(queue.next(1)).toBeUndefined();
    queue.baseIs('y' as CommitSha);
    expect(taken(queue, 1).map(({ why }) => [...why])).toEqual([['base'], ['base']]);
  });

  test('looks at all again once the cluster has been still for a while', () => {
    const queue = looked([pullRequest(1)]);
    queue.clusterMoved(0);
    queue.clusterMoved(9_000);
    expect(queue.next(18_999)).toBeUndefined();
    expect(queue.nextAt()).toBe(19_000);
    expect([...(queue.next(19_000)?.why ?? [])]).toEqual(['cluster']);
    expect(queue.nextAt()).toBeUndefined();
  });

  test('waits for a cluster that is never still ten times as long, and no longer', () => {
    const queue = looked([pullRequest(1)]);
    let at = 0;
    while (queue.next(at) === undefined && at < 1_000_000) {
      at += 5_000;
      queue.clusterMoved(at);
    }
    expect(at).toBe(105_000);
  });

  test('hears what is said within the second in which something else was said', () => {
    const queue = looked([pullRequest(1)]);
    queue.told([pullRequest(1, { updated: 2 })], 1_000);
    queue.ended(queue.next(1_000)!);
    // A second comment of the same second changes no time.
    expect(queue.next(2_999)).toBeUndefined();
    expect([...(queue.next(queue.nextAt()!)?.why ?? [])]).toEqual(['said']);
  });

  test('leaves one alone that failed, longer each time, and the others not', () => {
    const queue = new PullRequestQueue(LIMITS);
    queue.told([pullRequest(1)], 0);
    const waits: number[] = [];
    const wait = (failures: number) => (waits.push(failures), failures * 1_000);
    queue.failed(queue.next(0)!, 0, wait);
    expect(queue.next(999)).toBeUndefined();
    const again = queue.next(queue.nextAt()!)!;
    expect([...again.why]).toEqual(['head', 'retry']);
    queue.failed(again, 1_000, wait);
    expect(waits).toEqual([1, 2]);
    queue.told([pullRequest(1), pullRequest(2)], 1_500);
    expect(queue.next(1_500)?.pullRequest.number).toBe(2);
    expect(queue.nextAt()).toBe(3_000);
  });

  test('hears what is said about one that is left alone, and leaves the rest of it alone all the same', () => {
    const queue = new PullRequestQueue(LIMITS);
    queue.told([pullRequest(1)], 0);
    queue.failed(queue.next(0)!, 0, () => 60_000);
    queue.told([pullRequest(1, { updated: 2 })], 10);
    const visit = queue.next(10)!;
    expect([...visit.why]).toEqual(['said']);
    queue.ended(visit);
    expect(queue.next(1_000)).toBeUndefined();
    queue.ended(queue.next(5_000)!);
    expect(queue.nextAt()).toBe(60_000);
    expect([...(queue.next(60_000)?.why ?? [])]).toEqual(['head', 'retry']);
  });

  test('does not let a new head wait for what the one before failed of', () => {
    const queue = new PullRequestQueue(LIMITS);
    queue.told([pullRequest(1)], 0);
    queue.failed(queue.next(0)!, 0, () => 60_000);
    queue.told([pullRequest(1, { head: 'b', updated: 2 })], 10);
    expect(queue.next(10)?.pullRequest.head.commit).toBe('b');
  });

  test('does not let a head wait that came while the one before was looked at', () => {
    const queue = new PullRequestQueue(LIMITS);
    queue.told([pullRequest(1)], 0);
    const visit = queue.next(0)!;
    queue.told([pullRequest(1, { head: 'b', updated: 2 })], 10);
    queue.failed(visit, 20, () => 60_000);
    expect(queue.next(20)?.pullRequest.head.commit).toBe('b');
  });

  test('looks again at what moved while it was looked at', () => {
    const queue = new PullRequestQueue(LIMITS);
    queue.baseIs('x' as CommitSha);
    queue.told([pullRequest(1)], 0);
    const visit = queue.next(0)!;
    queue.baseIs('y' as CommitSha);
    expect(queue.next(1)).toBeUndefined();
    queue.ended(visit);
    expect([...(queue.next(1)?.why ?? [])]).toEqual(['base']);
  });
});

describe('a pull request that nothing is heard of', () => {
  test('is planned once more when its time has come, and not later for what is said meanwhile', () => {
    const queue = new PullRequestQueue(LIMITS);
    queue.told([pullRequest(1)], 0);
    for (const visit of taken(queue, 0)) queue.ended(visit, 600_000);
    expect(queue.next(599_999)).toBeUndefined();
    expect(queue.nextAt()).toBe(600_000);
    queue.told([pullRequest(1, { updated: 2 })], 300_000);
    for (const visit of taken(queue, 300_000)) queue.ended(visit, 900_000);
    const [visit] = taken(queue, 600_000);
    expect(visit?.why).toContain('time');
    queue.ended(visit!, 1_200_000);
    expect(queue.nextAt()).toBe(1_200_000);
  });

  test('is planned later where it was planned for another reason, and waits out a failure', () => {
    const queue = new PullRequestQueue(LIMITS);
    queue.told([pullRequest(1)], 0);
    queue.baseIs('x' as CommitSha);
    for (const visit of taken(queue, 0)) queue.ended(visit, 600_000);
    queue.baseIs('y' as CommitSha);
    const [visit] = taken(queue, 500_000);
    queue.failed(visit!, 500_000, () => 200_000);
    expect(queue.next(600_000)).toBeUndefined();
    expect([...(queue.next(700_000)?.why ?? [])].toSorted()).toEqual(['base', 'retry']);
  });

  test('asks for no turn while all turns are taken', () => {
    const queue = new PullRequestQueue({ ...LIMITS, concurrency: 1 });
    queue.told([pullRequest(1), pullRequest(2)], 0);
    for (const visit of taken(queue, 0)) queue.ended(visit, 1_000);
    for (const visit of taken(queue, 0)) queue.ended(visit, 1_000);
    const [visit] = taken(queue, 2_000);
    expect(queue.nextAt()).toBeUndefined();
    queue.ended(visit!, 9_000);
    expect(queue.nextAt()).toBe(1_000);
  });
});

function pullRequest(
  number: number,
  { head = 'a', updated = 1 }: { readonly head?: string; readonly updated?: number } = {},
): PullRequest {
  return {
    number,
    title: `Change ${number}`,
    author: 'ann',
    url: `https://git.example.com/storage/weka/pulls/${number}`,
    state: 'open',
    isDraft: false,
    head: { commit: head as CommitSha, branch: `change-${number}`, repository: 'storage/weka' },
    base: 'main',
    isFork: false,
    updatedAt: new Date(updated * 1_000),
  };
}

/** All that may be looked at now. */
function taken(queue: PullRequestQueue, now: number): Visit[] {
  const visits: Visit[] = [];
  for (let visit = queue.next(now); visit !== undefined; visit = queue.next(now)) visits.push(visit);
  return visits;
}

function numbers(visits: readonly Visit[]): readonly number[] {
  return visits.map(({ pullRequest: { number } }) => number);
}

/** A queue in which all were looked at. */
function looked(pullRequests: readonly PullRequest[]): PullRequestQueue {
  const queue = new PullRequestQueue(LIMITS);
  queue.told(pullRequests, 0);
  for (const visit of taken(queue, 0)) queue.ended(visit);
  return queue;
}
