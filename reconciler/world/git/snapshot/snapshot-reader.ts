import { prose } from '../../../core/report/plain.ts';
import type { CommitSha, Snapshot } from '../../../ports.ts';
import type { CommitSource } from '../history/commits.ts';
import { GitHistory } from '../history/git-history.ts';
import type { Limits } from '../limits.ts';
import type { Oid } from '../objects/git-object.ts';
import type { GitObjects } from '../objects/git-objects.ts';
import { mustAskForSomething } from '../status-ref.ts';
import { GitTree } from './git-tree.ts';
import type { CommitVerifier } from '../signatures/commit-verifier.ts';
import { readCommit } from './history.ts';
import { readManifests } from './manifest-tree.ts';
import { PackedContents } from './packed-contents.ts';

/** Of an author's name, and of a subject. */
const MAX_CHARACTERS = 200;

/** Reads one commit after another, keeping the files of the last one: what has not changed is not read again. */
export class SnapshotReader {
  readonly #path: string;
  readonly #limits: Limits;
  readonly #shown: string;
  readonly #verifier: CommitVerifier | undefined;
  #known = new PackedContents();
  #last: Snapshot | undefined;

  /** With a `verifier` it reads only commits that it accepts. */
  constructor(path: string, limits: Limits, shown: string, verifier?: CommitVerifier) {
    this.#path = path;
    this.#limits = limits;
    this.#shown = shown;
    this.#verifier = verifier;
  }

  /** The commit that was read last, where it is this one. Throws where the verifier does not accept it any more. */
  async last(commit: Oid): Promise<Snapshot | undefined> {
    const last = this.#last;
    if (last === undefined || last.commit !== (commit as string)) return undefined;
    await last.verify?.();
    return last;
  }

  /**
   * `reopen` gives the objects once more, for whoever asks for other files later, and `deepen` fetches older commits for
   * whoever asks for these.
   */
  async read(
    objects: GitObjects,
    oid: Oid,
    reopen: () => GitObjects,
    deepen?: CommitSource['deepen'],
  ): Promise<Snapshot> {
    const commit = await readCommit(objects, oid);
    mustAskForSomething(commit, this.#shown);
    const verify = await this.#verifier?.accept(objects, oid);
    const options = { limits: this.#limits, known: this.#known, shown: this.#shown };
    const { files, findings, contents } = await readManifests(objects, commit.tree, this.#path, options);
    this.#known = contents;
    this.#last = {
      commit: oid as string as CommitSha,
      author: prose(commit.author, MAX_CHARACTERS),
      subject: prose(commit.message.trimStart().split('\n', 1)[0] ?? '', MAX_CHARACTERS),
      files,
      findings,
      tree: () => new GitTree(reopen(), commit.tree, this.#shown),
      history: () =>
        new GitHistory({ tip: oid, objects: reopen, ...(deepen === undefined ? {} : { deepen }) }),
      ...(verify === undefined ? {} : { verify }),
    };
    return this.#last;
  }
}
