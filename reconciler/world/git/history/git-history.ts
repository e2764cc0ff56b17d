import type { SourceFile } from '../../../core/spec/source.ts';
import { ReconcilerError } from '../../../errors.ts';
import type { Blame, CommitSha, FileLine, History, Interruptible, Removal } from '../../../ports.ts';
import { fileErrorCode } from '../file-error.ts';
import { ObjectError, type Oid } from '../objects/git-object.ts';
import type { Commit, GitObjects } from '../objects/git-objects.ts';
import { isManifest } from '../snapshot/manifest-file.ts';
import { CommitFiles } from './commit-files.ts';
import { commitFacts, Commits, type CommitSource, TooOld } from './commits.ts';
import { FileLines } from './file-lines.ts';
import { LineOrigin } from './line-origin.ts';

/** Larger manifests are not read. */
const MOST_BYTES = 1024 * 1024;
/** Commits between two passes that are told. */
const MOST_SINCE = 100;

/** The history of a commit, out of the objects of a repository. */
export class GitHistory implements History {
  readonly #source: CommitSource;
  readonly #commits = new Map<Oid, Commit>();
  readonly #files: CommitFiles;
  readonly #lines: FileLines;

  constructor(source: CommitSource) {
    this.#source = openedOnce(source);
    this.#files = new CommitFiles(this.#source.objects);
    this.#lines = new FileLines(this.#source.objects);
  }

  async blame(line: FileLine, options: Interruptible = {}): Promise<Blame> {
    return await this.#blame(options, async (origin, tip) => {
      const found = await origin.find(tip, line);
      // A snapshot of this commit holds the file, so this is a line that was never committed.
      return found === undefined ? { found: 'uncommitted' } : told(found);
    });
  }

  /** `blame` for a line of a working tree, whose file holds `content` now. `line.file` is its path in the repository. */
  async blameWritten(line: FileLine, content: Uint8Array, options: Interruptible = {}): Promise<Blame> {
    return await this.#blame(options, async (origin, tip) => {
      const blob = (await this.#files.trail(tip.tree, line.file))?.at(-1);
      const at = blob === undefined ? undefined : await this.#lines.beforeWritten(blob, content, line.line);
      const found = at === undefined ? undefined : await origin.find(tip, { ...line, line: at });
      return found === undefined ? { found: 'uncommitted' } : told(found);
    });
  }

  async removal(says: (file: SourceFile) => boolean, options: Interruptible = {}): Promise<Removal> {
    const commits = new Commits(this.#source, this.#commits, options);
    try {
      for (let at = await commits.tip(); ;) {
        const [before] = await commits.parents(at);
        if (before === undefined) return { found: 'older', why: 'no commit of this branch took it away' };
        const file = await this.#takenAway(commits, before, at, says);
        if (file !== undefined) {
          return {
            found: 'commit',
            commit: commitFacts(at),
            before: before.oid as string as CommitSha,
            file,
          };
        }
        at = before;
      }
    } catch (error) {
      return { found: 'older', why: `its manifest was not taken away ${whyOlder(error)}` };
    }
  }

  async commitsSince(commit: CommitSha): Promise<readonly CommitSha[]> {
    const commits: CommitSha[] = [];
    try {
      const objects = this.#source.objects();
      let at = this.#source.tip as string as CommitSha;
      while (at !== commit) {
        // Nothing is fetched for it: what was applied before is in the clone already.
        const [parent] = (await objects.commit(at as string as Oid))?.parents ?? [];
        if (parent === undefined || commits.length === MOST_SINCE) return [];
        commits.push(at);
        at = parent as string as CommitSha;
      }
      return commits;
    } catch (error) {
      whyOlder(error);
      return [];
    }
  }

  async #blame(
    options: Interruptible,
    find: (origin: LineOrigin, tip: Commit) => Promise<Blame>,
  ): Promise<Blame> {
    const commits = new Commits(this.#source, this.#commits, options);
    const origin = new LineOrigin(commits, this.#files, this.#lines);
    try {
      return await find(origin, await commits.tip());
    } catch (error) {
      const why = `not changed ${whyOlder(error)}`;
      const { oldest } = origin;
      return { found: 'older', why, ...(oldest === undefined ? {} : { since: commitFacts(oldest) }) };
    }
  }

  /** The file that said it before, where none says so afterwards. */
  async #takenAway(
    commits: Commits,
    before: Commit,
    at: Commit,
    says: (file: SourceFile) => boolean,
  ): Promise<string | undefined> {
    let held: string | undefined;
    for await (const change of this.#files.changes(before.tree, at.tree)) {
      if (!isManifest(change.path.split('/').at(-1) ?? '')) continue;
      const [was, is] = await Promise.all(
        [change.before, change.after].map(async (oid) => {
          const content = oid === undefined ? 0 : await commits.objects.blob(oid, MOST_BYTES);
          return typeof content !== 'number' && says({ path: change.path, content });
        }),
      );
      // Moved to another file, it is there still.
      if (is === true) return undefined;
      if (was === true) held ??= change.path;
    }
    return held;
  }
}

/** The source whose objects are opened once, and again after a deepening: what was read of them is kept. */
function openedOnce({ tip, objects, deepen }: CommitSource): CommitSource {
  let opened: GitObjects | undefined;
  return {
    tip,
    objects: () => (opened ??= objects()),
    ...(deepen === undefined
      ? {}
      : {
          async deepen(depth, options) {
            await deepen(depth, options);
            opened = undefined;
          },
        }),
  };
}

function told({ commit, file, line }: FileLine & { readonly commit: Commit }): Blame {
  return { found: 'commit', commit: commitFacts(commit), file, line };
}

/** What ends a search and is no fault of ours, in words. */
function whyOlder(error: unknown): string {
  if (error instanceof TooOld) return error.message;
  // Another process may put a new clone in place of this one at any time.
  if (error instanceof ObjectError || fileErrorCode(error) !== undefined)
    return 'as far as the history can be read: an object of it is damaged';
  if (error instanceof ReconcilerError) return `as far as the history can be read: ${error.message}`;
  throw error;
}
