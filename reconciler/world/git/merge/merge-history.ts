import type { SourceFile } from '../../../core/spec/source.ts';
import type {
  Blame,
  CommitSha,
  FileLine,
  History,
  Interruptible,
  Removal,
  Snapshot,
} from '../../../ports.ts';
import type { CommitSource } from '../history/commits.ts';
import { GitHistory } from '../history/git-history.ts';
import type { Oid } from '../objects/git-object.ts';

/** The commits that lead to a merge which is none itself. */
export class MergeHistory implements History {
  readonly #merge: Oid;
  readonly #merged: GitHistory;
  readonly #base: Snapshot['history'];

  constructor({
    merge,
    base,
    ...source
  }: Omit<CommitSource, 'tip'> & {
    /** The commit that stands for the merge, and that nobody else knows. */
    readonly merge: Oid;
    readonly base: Snapshot['history'];
  }) {
    this.#merge = merge;
    this.#merged = new GitHistory({ ...source, tip: merge });
    this.#base = base;
  }

  async blame(line: FileLine, options?: Interruptible): Promise<Blame> {
    const blame = await this.#merged.blame(line, options);
    if (blame.found === 'commit') return this.#isOwn(blame.commit.sha) ? { found: 'uncommitted' } : blame;
    // Nothing older than the merge was looked at.
    if (blame.found !== 'older' || blame.since === undefined || !this.#isOwn(blame.since.sha)) return blame;
    return { found: 'older', why: blame.why };
  }

  async removal(says: (file: SourceFile) => boolean, options?: Interruptible): Promise<Removal> {
    const removal = await this.#merged.removal(says, options);
    if (removal.found === 'commit' && !this.#isOwn(removal.commit.sha)) return removal;
    // The pull request has it still, or never had it: it may be the base that took it away.
    const other = await this.#base?.().removal(says, options);
    if (other?.found === 'commit' || removal.found === 'commit') return other ?? NOT_FOUND;
    return removal;
  }

  async commitsSince(commit: CommitSha): Promise<readonly CommitSha[]> {
    const commits = await this.#merged.commitsSince(commit);
    return commits.filter((each) => !this.#isOwn(each));
  }

  #isOwn(sha: string): boolean {
    return sha === this.#merge;
  }
}

const NOT_FOUND: Removal = { found: 'older', why: 'no commit of this branch took it away' };
