import { describe, expect, it } from 'vitest';
import { ReconcilerError } from '../../../reconciler/errors.ts';
import type { CommitSha, Repository } from '../../../reconciler/ports.ts';
import { FollowedRef } from '../../../reconciler/unattended/followed-ref.ts';
import { Trouble } from '../../../reconciler/unattended/trouble.ts';
import { ManualTime } from '../world/lease/manual-time.ts';

class Failure extends ReconcilerError {
  readonly code = 'REPOSITORY_UNREACHABLE';
  readonly retry = 'next-pass';
}

const sha = (name: string) => name as CommitSha;
const DAY = 86_400_000;

/** A repository whose ref, and what can be had of it, a test decides. */
function aRef({ tip = 'c1' }: { readonly tip?: string } = {}) {
  const asked: string[] = [];
  const lines: string[] = [];
  const at = (level: string) => (_: object, message: string) => void lines.push(`${level} ${message}`);
  const log = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  const time = new ManualTime();
  const trouble = new Trouble({ log, metrics: { observeError: () => undefined }, time, random: () => 0.5 });
  const there = { tip, isAway: false, unreadable: new Set<string>(), refused: new Set<string>() };
  const repository: Repository = {
    tip: () => {
      asked.push('tip');
      return there.isAway ? Promise.reject(new Failure('It is away.')) : Promise.resolve(sha(there.tip));
    },
    read: (lastApplied, seen = sha(there.tip)) => {
      asked.push(`read ${seen} after ${lastApplied}`);
      if (there.isAway || there.unreadable.has(seen)) return Promise.reject(new Failure(`No ${seen}.`));
      if (there.refused.has(seen)) return Promise.reject(new Failure(`Not ${seen}.`));
      const verify = async () => {
        if (there.refused.has(seen)) throw new Failure(`Not ${seen}.`);
      };
      return Promise.resolve({ commit: seen, author: '', subject: '', files: [], findings: [], verify });
    },
  };
  const ref = new FollowedRef(repository, trouble);
  const commit = async (lastCommit?: string) =>
    (await ref.read(lastCommit === undefined ? undefined : sha(lastCommit))).commit as string;
  return { ref, there, asked, lines, time, trouble, commit };
}

describe('the ref under one lease', () => {
  it('is asked for once, and read once, while it stays where it is', async () => {
    const { ref, asked, commit } = aRef();
    ref.taken();
    expect(await commit()).toBe('c1');
    expect(await commit('c1')).toBe('c1');
    expect(await commit('c1')).toBe('c1');
    expect(asked).toEqual(['tip', 'read c1 after undefined']);
    expect(ref.isCurrent).toBe(true);
  });

  it('is not read again while nothing of its commit can be applied', async () => {
    const { ref, there, asked, commit } = aRef();
    await commit();
    there.tip = 'c2';
    expect(await ref.poll()).toBe('unread');
    for (let n = 0; n < 3; n++) expect(await commit('c1')).toBe('c2');
    expect(asked.filter((what) => what.startsWith('read c2'))).toHaveLength(1);
  });

  it('stands where it was while what it points to cannot be read', async () => {
    const { ref, there, commit } = aRef();
    await commit();
    there.tip = 'c2';
    there.unreadable.add('c2');
    await ref.poll();
    expect(await commit('c1')).toBe('c1');
    expect(ref.halt?.commit).toBe('c2');
    expect(ref.isCurrent).toBe(false);
  });

  it('stands where it was though nothing of that could be applied yet', async () => {
    const { ref, there, commit } = aRef();
    await commit();
    there.tip = 'c2';
    await ref.poll();
    await commit('c1');
    there.tip = 'c3';
    there.unreadable.add('c3');
    await ref.poll();
    expect(await commit('c1')).toBe('c2');
  });

  it('is told to work again when it goes back to what was read, and the next failure is a first one', async () => {
    const { ref, there, lines, time, trouble, commit } = aRef();
    await commit();
    there.unreadable = new Set(['c2', 'c3']);
    there.tip = 'c2';
    await ref.poll();
    await commit('c1');
    there.tip = 'c1';
    await ref.poll();
    expect(await commit('c1')).toBe('c1');
    expect(ref.halt).toBeUndefined();
    time.pass(DAY);
    there.tip = 'c3';
    await ref.poll();
    await commit('c1');
    expect(lines).toEqual([
      'warn Could not read the commit; going on with the one before',
      'info Works again',
      'warn Could not read the commit; going on with the one before',
    ]);
    // Half of two seconds, by chance.
    expect(trouble.remainingMs('commit')).toBe(1_000);
  });
});

describe('the ref when the lease is taken again', () => {
  it('is looked at anew, so that what another holder applied is not taken back', async () => {
    const { ref, there, asked, commit } = aRef();
    await commit();
    there.tip = 'c2';
    ref.taken();
    expect(ref.isCurrent).toBe(false);
    expect(await commit('c2')).toBe('c2');
    expect(asked.slice(2)).toEqual(['tip', 'read c2 after c2']);
  });

  it('is the present one though another holder could apply nothing of it', async () => {
    const { ref, there, commit } = aRef();
    await commit();
    there.tip = 'c2';
    await ref.poll();
    await commit('c1');
    there.tip = 'c3';
    ref.taken();
    expect(await commit('c1')).toBe('c3');
  });

  it('gives nothing older than what was applied last, whatever cannot be read', async () => {
    const { ref, there, commit } = aRef();
    await commit();
    there.tip = 'c2';
    there.unreadable.add('c2');
    ref.taken();
    await expect(commit('c2')).rejects.toThrow('No c2.');
    // Nor once it is known that it cannot be.
    await expect(commit('c2')).rejects.toThrow('No c2.');
    there.isAway = true;
    ref.taken();
    await expect(commit('c2')).rejects.toThrow('It is away.');
  });

  it('gives nothing that was read and never applied, where the ref cannot be looked at', async () => {
    const { ref, there, commit } = aRef();
    await commit();
    there.tip = 'c2';
    await ref.poll();
    await commit('c1');
    there.isAway = true;
    ref.taken();
    await expect(commit('c1')).rejects.toThrow('It is away.');
  });

  it('stands where it was while the repository is away, if that was applied last', async () => {
    const { ref, there, asked, commit } = aRef();
    await commit();
    there.isAway = true;
    ref.taken();
    expect(await commit('c1')).toBe('c1');
    there.isAway = false;
    expect(await ref.poll()).toBe('unread');
    expect(await commit('c1')).toBe('c1');
    expect(asked.filter((what) => what.startsWith('read'))).toHaveLength(1);
  });
});

it('asks the repository again when the record tells of a commit that was not followed', async () => {
  const { there, asked, commit } = aRef();
  await commit();
  there.tip = 'c5';
  expect(await commit('c4')).toBe('c5');
  expect(asked.slice(2)).toEqual(['tip', 'read c5 after c4']);
});

describe('a commit that was read, and whose signature is not accepted any more', () => {
  it('is not given again, and is told as one that cannot be read, once', async () => {
    const { ref, there, asked, lines, commit } = aRef();
    await commit();
    expect(ref.isCurrent).toBe(true);
    there.refused.add('c1');
    await expect(commit('c1')).rejects.toThrow('Not c1.');
    await expect(commit('c1')).rejects.toThrow('Not c1.');
    expect(ref.halt).toMatchObject({ commit: 'c1', error: { message: 'Not c1.' } });
    expect(ref.isOurs(ref.halt!.error)).toBe(true);
    expect(ref.isCurrent).toBe(false);
    expect(lines).toEqual(['warn The commit is not accepted any more; nothing is applied']);
    expect(asked).toEqual(['tip', 'read c1 after undefined']);
  });

  it('asks for a pass by the next poll, and for another one when it is accepted again', async () => {
    const { ref, there, lines, commit } = aRef();
    await commit();
    expect(await ref.poll()).toBe('unchanged');
    there.refused.add('c1');
    expect(await ref.poll()).toBe('unread');
    await expect(commit('c1')).rejects.toThrow('Not c1.');
    expect(await ref.poll()).toBe('unchanged');
    there.refused.clear();
    expect(await ref.poll()).toBe('unread');
    expect(await commit('c1')).toBe('c1');
    expect(ref.halt).toBeUndefined();
    expect(await ref.poll()).toBe('unchanged');
    expect(lines.at(-1)).toBe('info Works again');
  });

  it('does not stand in for one that cannot be read, nor while the repository is away', async () => {
    const { ref, there, time, commit } = aRef();
    await commit();
    there.refused = new Set(['c1', 'c2']);
    there.tip = 'c2';
    await ref.poll();
    await expect(commit('c1')).rejects.toThrow('Not c2.');
    await expect(commit('c1')).rejects.toThrow('Not c2.');
    there.isAway = true;
    ref.taken();
    await expect(commit('c1')).rejects.toThrow('It is away.');
    there.isAway = false;
    time.pass(DAY);
    there.tip = 'c3';
    await ref.poll();
    expect(await commit('c1')).toBe('c3');
  });
});
