import type { FileLine } from '../../../ports.ts';
import type { Commit } from '../objects/git-objects.ts';
import type { CommitFiles, Trail } from './commit-files.ts';
import type { Commits } from './commits.ts';
import type { FileLines } from './file-lines.ts';

/** A line at a commit. */
interface At extends FileLine {
  readonly commit: Commit;
  readonly trail: Trail;
}

/** Follows a line back through the commits that have it, as `git blame` does. */
export class LineOrigin {
  readonly #commits: Commits;
  readonly #files: CommitFiles;
  readonly #lines: FileLines;
  /** The commit that was looked at last. */
  oldest: Commit | undefined;

  constructor(commits: Commits, files: CommitFiles, lines: FileLines) {
    this.#commits = commits;
    this.#files = files;
    this.#lines = lines;
  }

  /** The commit that wrote `line` of the file at `tip`; undefined where that has no such file. */
  async find(tip: Commit, { file, line }: FileLine): Promise<Omit<At, 'trail'> | undefined> {
    const trail = await this.#files.trail(tip.tree, file);
    if (trail === undefined) return undefined;
    for (let at: At = { commit: tip, file, line, trail }; ;) {
      this.oldest = at.commit;
      const parents = await this.#commits.parents(at.commit);
      const next = await this.#inParents(at, parents);
      if (next === undefined) return at;
      at = next;
    }
  }

  /** A parent that has all of the file explains all of its lines, whatever another one says. */
  async #inParents(at: At, parents: readonly Commit[]): Promise<At | undefined> {
    const blob = at.trail.at(-1);
    const others: { readonly commit: Commit; readonly trail: Trail }[] = [];
    const without: Commit[] = [];
    for (const commit of parents) {
      const trail = await this.#files.trail(commit.tree, at.file, at.trail);
      if (trail === undefined) without.push(commit);
      else if (trail.at(-1) === blob) return { ...at, commit, trail };
      else others.push({ commit, trail });
    }
    for (const commit of without) {
      const renamed = await this.#renamed(at, commit);
      if (renamed !== undefined) return renamed;
    }
    for (const { commit, trail } of others) {
      const old = trail.at(-1);
      if (old === undefined || blob === undefined) continue;
      const line = await this.#lines.before(old, blob, at.line);
      if (line !== undefined) return { ...at, commit, trail, line };
    }
    return undefined;
  }

  /** The same content under another name that went with this commit. */
  async #renamed(at: At, commit: Commit): Promise<At | undefined> {
    const blob = at.trail.at(-1);
    for await (const { path, before, after } of this.#files.changes(commit.tree, at.commit.tree)) {
      if (before !== blob || after !== undefined) continue;
      const trail = await this.#files.trail(commit.tree, path);
      if (trail !== undefined) return { ...at, commit, trail, file: path };
    }
    return undefined;
  }
}
