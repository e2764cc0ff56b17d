import { describe, expect, it } from 'vitest';
import type { CommitState } from '../../../../schemas/output/commit-state.ts';
import {
  afterSight,
  afterTelling,
  asToldBefore,
  type Digest,
  dueMs,
  isRecovery,
  NOTHING_TOLD,
} from '../../../../reconciler/core/notify/digest.ts';

const MINUTE = 60_000;
const ALL: readonly CommitState[] = ['applied', 'healthy', 'waiting', 'failed'];

/** `healthy`, or `failed:detail` where the detail matters; of the commit `a` unless `b/healthy` says otherwise. */
function end(words: string) {
  const [, commit = 'a', state, detail = ''] = /^(?:(\w)\/)?(\w+)(?::(\w+))?$/.exec(words) ?? [];
  return { commit, state: state as CommitState, detail };
}

/** What a receiver is told when that is seen, one after the other, each for so many minutes. */
function told(
  seen: readonly (readonly [words: string | undefined, minutes: number])[],
  on: readonly CommitState[] = ALL,
): readonly string[] {
  let digest: Digest = NOTHING_TOLD;
  let now = 0;
  const told: string[] = [];
  for (const [words, minutes] of seen) {
    digest = afterSight(digest, words === undefined ? undefined : end(words), now);
    const until = now + minutes * MINUTE;
    for (
      let due = dueMs(digest, on, now);
      due !== undefined && now + due < until;
      due = dueMs(digest, on, now)
    ) {
      now += due;
      if (due > 0) continue;
      const again = isRecovery(digest) ? ' again' : '';
      told.push(`${digest.seen?.end.commit}/${digest.seen?.end.state}${again}`);
      digest = afterTelling(digest, now);
    }
    now = until;
  }
  return told;
}

describe('what a receiver is told', () => {
  it('is the end of a commit, once', () => {
    expect(
      told([
        [undefined, 1],
        ['healthy', 10],
        ['healthy', 10_000],
      ]),
    ).toEqual(['a/healthy']);
  });

  it('is one message for what happens within moments', () => {
    expect(
      told([
        ['applied', 0.1],
        ['healthy', 10],
      ]),
    ).toEqual(['a/healthy']);
    expect(
      told([
        ['failed:x', 0.4],
        ['healthy', 10],
      ]),
    ).toEqual(['a/healthy']);
  });

  it('is what was asked for', () => {
    const seen = [
      ['applied', 1],
      ['healthy', 1],
      ['b/waiting', 2],
      ['b/failed', 1],
    ] as const;
    expect(told(seen)).toEqual(['a/applied', 'a/healthy', 'b/waiting', 'b/failed']);
    expect(told(seen, ['failed'])).toEqual(['b/failed']);
    expect(told(seen, ['waiting', 'failed'])).toEqual(['b/waiting', 'b/failed']);
  });

  it('is that all is well again after a failure, whoever asked for it, be it with another commit', () => {
    expect(
      told(
        [
          ['failed', 1],
          ['applied', 1],
          ['b/applied', 1],
          ['b/healthy', 1],
          ['c/healthy', 1],
        ],
        ['failed'],
      ),
    ).toEqual(['a/failed', 'b/healthy again']);
  });

  it('is nothing of an end to a failure that nobody was told of', () => {
    expect(
      told(
        [
          ['failed', 0.4],
          ['healthy', 1],
        ],
        ['failed'],
      ),
    ).toEqual([]);
  });

  it('is another failure of the same commit where something else is in the way', () => {
    expect(
      told([
        ['failed:x', 6],
        ['failed:x', 6],
        ['failed:y', 6],
      ]),
    ).toEqual(['a/failed', 'a/failed']);
  });

  it('is told every five minutes at most where it comes and goes', () => {
    const flapping = Array.from({ length: 60 }, (_, n) => [n % 2 === 0 ? 'failed' : 'healthy', 1] as const);
    const messages = told(flapping);
    expect(messages.length).toBeLessThanOrEqual(2 * 12 + 2);
    expect(messages.slice(0, 2)).toEqual(['a/failed', 'a/healthy again']);
  });

  it('is nothing that the process before this one has told', () => {
    const digest = asToldBefore(afterSight(NOTHING_TOLD, end('healthy'), 0));
    expect(dueMs(digest, ALL, MINUTE)).toBeUndefined();
    expect(dueMs(afterSight(digest, end('b/healthy'), 0), ALL, MINUTE)).toBe(0);
  });

  it('keeps what it remembers small', () => {
    let digest: Digest = NOTHING_TOLD;
    for (let n = 0; n < 1_000; n++) {
      digest = afterTelling(afterSight(digest, { commit: `${n}`, state: 'healthy', detail: '' }, n), n);
    }
    expect(JSON.stringify(digest).length).toBeLessThan(3_000);
  });
});
