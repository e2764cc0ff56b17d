import { prose } from '../../../core/report/plain.ts';
import { ReconcilerError } from '../../../errors.ts';
import type { CommitFacts, CommitSha, Interruptible } from '../../../ports.ts';
import { describeCount } from '../limits.ts';
import { ObjectError, type Oid } from '../objects/git-object.ts';
import type { Commit, GitObjects } from '../objects/git-objects.ts';
import { readCommit } from '../snapshot/history.ts';

/** Commits that are looked at for one answer. */
const MOST_COMMITS = 1_000;
/** How deep a clone is made, step by step, while what is looked for is older. */
const DEPTHS = [50, 250, MOST_COMMITS];
/** How long one answer may take. */
const DEADLINE_MS = 30_000;

/** Where commits are read from. */
export interface CommitSource {
  readonly tip: Oid;
  /** The objects as they are now. */
  readonly objects: () => GitObjects;
  /** Fetches so many commits of every way that leads to the tip. Absent where what is here is all that can be had. */
  readonly deepen?: (depth: number, options: Interruptible) => Promise<void>;
}

/** Why a history could not be followed to its beginning, to go on “not changed”. */
export class TooOld extends Error {}

/** Reads commits for one answer, and fetches older ones when it comes to them, within a bound. */
export class Commits {
  readonly #source: CommitSource;
  readonly #given: AbortSignal | undefined;
  readonly #deadline: AbortSignal;
  readonly #known: Map<Oid, Commit>;
  #depths: readonly number[];
  #walked = 0;

  /** Commits that are read are added to `known`, for the next answer. */
  constructor(source: CommitSource, known: Map<Oid, Commit>, { signal }: Interruptible) {
    this.#source = source;
    this.#given = signal;
    this.#deadline = AbortSignal.timeout(DEADLINE_MS);
    this.#known = known;
    this.#depths = source.deepen === undefined ? [] : DEPTHS;
  }

  /** The objects as they are now: more of them after a deepening. */
  get objects(): GitObjects {
    return this.#source.objects();
  }

  async tip(): Promise<Commit> {
    return await readCommit(this.objects, this.#source.tip);
  }

  /** The parents of a commit, none for the first of all. Throws TooOld where it may go no further back. */
  async parents({ parents }: Commit): Promise<readonly Commit[]> {
    this.#given?.throwIfAborted();
    this.#walked += 1;
    const back = `in the last ${describeCount(this.#walked)} commit${this.#walked === 1 ? '' : 's'}`;
    if (parents.length > 0 && this.#walked >= MOST_COMMITS) throw new TooOld(back);
    if (this.#deadline.aborted) throw new TooOld(`${back}; looking further back would take too long`);
    for (;;) {
      const found = await Promise.all(parents.map((oid) => this.#commit(oid)));
      const here = found.filter((commit) => commit !== undefined);
      if (here.length === parents.length) return here;
      const [depth, ...deeper] = this.#depths;
      if (depth === undefined) throw new TooOld(`${back}, and the clone holds no older ones`);
      this.#depths = deeper;
      // What is no deeper than that has been walked already.
      if (depth <= this.#walked) continue;
      await this.#deepen(depth, back);
    }
  }

  async #commit(oid: Oid): Promise<Commit | undefined> {
    const found = this.#known.get(oid) ?? (await this.objects.commit(oid));
    if (found !== undefined) this.#known.set(oid, found);
    return found;
  }

  async #deepen(depth: number, back: string): Promise<void> {
    const signals = [this.#deadline, ...(this.#given === undefined ? [] : [this.#given])];
    try {
      await this.#source.deepen?.(depth, { signal: AbortSignal.any(signals) });
    } catch (error) {
      this.#given?.throwIfAborted();
      if (this.#deadline.aborted) throw new TooOld(`${back}; fetching older ones took too long`);
      if (!(error instanceof ReconcilerError) && !(error instanceof ObjectError)) throw error;
      const why = error instanceof ReconcilerError ? `: ${error.message}` : '';
      throw new TooOld(`${back}; older ones could not be fetched${why.replace(/\.$/, '')}`);
    }
  }
}

/** Of an author's name, and of a subject. */
const MAX_CHARACTERS = 200;

/** What a commit says of itself, printable. */
export function commitFacts({ oid, author, date, message }: Commit): CommitFacts {
  return {
    sha: oid as string as CommitSha,
    author: prose(author, MAX_CHARACTERS),
    date,
    subject: prose(message.trimStart().split('\n', 1)[0] ?? '', MAX_CHARACTERS),
  };
}
