import { describe, expect, it } from 'vitest';
import type { CommitState } from '../../../../schemas/output/commit-state.ts';
import { dueMs, isRecovery } from '../../../../reconciler/core/notify/digest.ts';
import {
  digestFor,
  nextNotified,
  notifiedCommit,
  recordedNotified,
} from '../../../../reconciler/core/notify/notified.ts';
import type { StatusFile } from '../../../../reconciler/ports.ts';

const A = 'a'.repeat(40);
const B = 'b'.repeat(40);

/** What a receiver is told by passes that each end so; a `!` means that it does not take what it is sent. */
function told(
  passes: readonly (readonly [commit: string, state: CommitState | undefined, isRefused?: '!'])[],
  on: readonly CommitState[] = ['waiting', 'failed'],
): readonly string[] {
  const receiver = { name: 'notifications[0]', on };
  let tip: readonly StatusFile[] = [];
  const taken: string[] = [];
  for (const [commit, state, refused] of passes) {
    const end = state && { commit, state, detail: '' };
    const digest = digestFor(receiver, tip, end);
    const isDue = end !== undefined && dueMs(digest, on, 0) === 0;
    if (isDue && refused === undefined) {
      taken.push(`${commit.slice(0, 1)} ${state}${isRecovery(digest) ? ' again' : ''}`);
    }
    const notified = nextNotified(tip, end, isDue && refused !== undefined ? [receiver.name] : []);
    if (notified !== undefined) tip = notifiedCommit(notified, tip).files;
  }
  return taken;
}

describe('a receiver of passes that are run once', () => {
  it('is told of a failure once, and that it is over', () => {
    expect(
      told([
        [A, 'failed'],
        [A, 'failed'],
        [A, 'healthy'],
        [A, 'healthy'],
      ]),
    ).toEqual(['a failed', 'a healthy again']);
  });

  it('is told that a failure is over though passes in between saw all applied, on its way, or waiting', () => {
    const between: readonly (readonly [string, CommitState | undefined])[] = [
      [B, undefined],
      [B, 'applied'],
    ];
    expect(told([[A, 'failed'], ...between, [B, 'healthy']])).toEqual(['a failed', 'b healthy again']);
  });

  it('is told again what it did not take', () => {
    expect(
      told([
        [A, 'failed', '!'],
        [A, 'failed'],
        [A, 'failed'],
      ]),
    ).toEqual(['a failed']);
    expect(
      told([
        [A, 'failed'],
        [B, 'healthy', '!'],
        [B, 'healthy'],
        [B, 'healthy'],
      ]),
    ).toEqual(['a failed', 'b healthy again']);
  });

  it('that does not want to know of failures is not told that one is over', () => {
    expect(
      told(
        [
          [A, 'failed'],
          [A, 'healthy'],
        ],
        ['waiting'],
      ),
    ).toEqual([]);
  });
});

describe('the record of what was told', () => {
  it('keeps the other files of the branch, and is not written where it says the same', () => {
    const end = { commit: A, state: 'failed', detail: 'x' } as const;
    const tip = [{ path: 'README.md', text: 'Ours' }];
    const notified = nextNotified(tip, end, [])!;
    const commit = notifiedCommit(notified, tip);
    expect(commit.files.map(({ path }) => path)).toEqual(['README.md', 'notified.json']);
    expect(recordedNotified(commit.files)).toEqual(notified);
    expect(nextNotified(commit.files, end, [])).toBeUndefined();
  });

  it('that somebody damaged says nothing', () => {
    expect(recordedNotified([{ path: 'notified.json', text: '{"kind":' }])).toBeUndefined();
  });
});
