import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../../../reconciler/config/config-error.ts';
import type { MergeHead, MergePreview, Merges } from '../../../../reconciler/forge-port.ts';
import type { CommitSha, Repository } from '../../../../reconciler/ports.ts';
import { rotatingMerges, rotatingRepository } from '../../../../reconciler/world/git/rotating-repository.ts';
import { GitError } from '../../../../reconciler/world/git/errors.ts';

const TIP = 'c'.repeat(40) as CommitSha;

/** A repository that takes one token, and a file with a token. */
function aRepository(token: string) {
  const state = {
    taken: token,
    file: token as string | undefined,
    opened: [] as string[],
    asked: 0,
    onAsked: () => {},
    complaints: [] as string[],
  };
  const open = (given: string): Repository => {
    state.opened.push(given);
    const answer = async <Result>(result: Result): Promise<Result> => {
      state.asked += 1;
      state.onAsked();
      if (given === state.taken) return result;
      throw new GitError('REPOSITORY_AUTH', 'The server refuses the credentials.');
    };
    return { tip: () => answer(TIP), read: () => Promise.reject(new Error('not asked for')) };
  };
  const read = async () => {
    if (state.file === undefined) throw new ConfigError('The file cannot be read.');
    return state.file;
  };
  const onUnreadable = ({ code }: { readonly code: string }) => void state.complaints.push(code);
  return { state, repository: rotatingRepository({ first: token, read, onUnreadable }, open) };
}

describe('a repository whose credentials are in a file', () => {
  it('is opened once while they stay the same', async () => {
    const { state, repository } = aRepository('one');
    await repository.tip();
    await repository.tip();
    expect(state.opened).toEqual(['one']);
  });

  it('is asked with those that took the place of the first', async () => {
    const { state, repository } = aRepository('one');
    state.file = 'two';
    state.taken = 'two';
    expect(await repository.tip()).toBe(TIP);
    expect(state.asked).toBe(1);
  });

  it('is asked again at once where they were replaced while it was asked', async () => {
    const { state, repository } = aRepository('one');
    state.taken = 'two';
    state.onAsked = () => void (state.file = 'two');
    expect(await repository.tip()).toBe(TIP);
    expect(state.asked).toBe(2);
  });

  it('is not asked again where it refuses and nothing has changed', async () => {
    const { state, repository } = aRepository('one');
    state.taken = 'two';
    await expect(repository.tip()).rejects.toThrow('refuses');
    expect(state.asked).toBe(1);
  });

  it('goes on with what it has while the file cannot be read', async () => {
    const { state, repository } = aRepository('one');
    state.file = undefined;
    expect(await repository.tip()).toBe(TIP);
  });

  it('complains once of a file that cannot be read, and again when that comes back', async () => {
    const { state, repository } = aRepository('one');
    state.file = undefined;
    await repository.tip();
    await repository.tip();
    expect(state.complaints).toHaveLength(1);
    state.file = 'one';
    await repository.tip();
    state.file = undefined;
    await repository.tip();
    expect(state.complaints).toHaveLength(2);
  });
});

describe('merges whose credentials are in a file', () => {
  const head: MergeHead = { commit: TIP, ref: 'refs/pull/7/head', isTrusted: false };
  const conflict: MergePreview = { result: 'conflict', base: TIP, files: ['a.yaml'] };

  /** Merges that take one token, and what they were asked with. */
  function someMerges() {
    const state = { taken: 'one', file: 'one', asked: [] as string[], onAsked: () => {} };
    const open = (given: string): Merges => {
      const answer = async <Result>(what: string, result: Result): Promise<Result> => {
        state.asked.push(`${given}: ${what}`);
        state.onAsked();
        if (given === state.taken) return result;
        throw new GitError('REPOSITORY_NOT_FOUND', 'There is no such repository.');
      };
      return {
        base: (options) => answer(`base ${options?.signal?.aborted}`, TIP),
        preview: ({ commit, ref }, options) =>
          answer(`${commit} ${ref} ${options?.lastApplied} ${options?.signal?.aborted}`, conflict),
      };
    };
    const rotation = { first: 'one', read: async () => state.file, onUnreadable: () => undefined };
    return { state, merges: rotatingMerges(rotation, open) };
  }

  it('are asked all that was asked, and give what was answered', async () => {
    const { state, merges } = someMerges();
    const { signal } = new AbortController();
    expect(await merges.base({ signal })).toBe(TIP);
    expect(await merges.preview(head, { signal, lastApplied: TIP })).toBe(conflict);
    expect(state.asked).toEqual(['one: base false', `one: ${head.commit} ${head.ref} ${TIP} false`]);
  });

  it('are asked again with what took the place of the first, when the server takes that no more', async () => {
    const { state, merges } = someMerges();
    state.taken = 'two';
    state.onAsked = () => void (state.file = 'two');
    expect(await merges.preview(head)).toBe(conflict);
    expect(await merges.base()).toBe(TIP);
    expect(state.asked.map((what) => what.split(':')[0])).toEqual(['one', 'two', 'two']);
  });

  it('are not asked again where nothing has changed', async () => {
    const { state, merges } = someMerges();
    state.taken = 'two';
    await expect(merges.preview(head)).rejects.toThrow('no such repository');
    expect(state.asked).toHaveLength(1);
  });
});
