import { ObjectError, type Oid } from '../objects/git-object.ts';
import type { GitObjects } from '../objects/git-objects.ts';

/** What of a commit tells where it stands in a history, and what it holds. */
export interface CommitPlace {
  /** Undefined where nothing is in it. */
  readonly tree: Oid | undefined;
  readonly parents: readonly Oid[];
  readonly date: number;
}

/** What git calls a folder in which there is nothing. It need not be among the objects. */
export const EMPTY = '4b825dc642cb6eb9a060e54bf8d69288fbee4904' as Oid;

/** Commits that are here, and those that stand for the merge of others and are nowhere. */
export class CommitPlaces {
  readonly #objects: GitObjects;
  readonly #known: Map<Oid, CommitPlace>;
  readonly #merged = new Map<Oid, CommitPlace>();

  /** What is read is added to `known`, for whoever looks again once more commits are here. */
  constructor(objects: GitObjects, known: Map<Oid, CommitPlace>) {
    this.#objects = objects;
    this.#known = known;
  }

  /** Undefined where the commit is not here. */
  async at(oid: Oid): Promise<CommitPlace | undefined> {
    const known = this.#known.get(oid) ?? this.#merged.get(oid);
    if (known !== undefined) return known;
    const links = await this.#objects.links(oid);
    if (links === undefined) return undefined;
    const tree = links.tree === EMPTY ? undefined : links.tree;
    const place = { tree, parents: links.parents, date: links.committed };
    this.#known.set(oid, place);
    return place;
  }

  /** As `at`, of one that has to be here. */
  async present(oid: Oid): Promise<CommitPlace> {
    const place = await this.at(oid);
    if (place === undefined) throw new ObjectError(`Object ${oid} is missing.`);
    return place;
  }

  /** Adds one that stands for the merge of its parents, under a name that no commit has. */
  add(place: CommitPlace): Oid {
    const name = `merge ${this.#merged.size}` as Oid;
    this.#merged.set(name, place);
    return name;
  }

  /** How many commits lie between `tip` and the nearest one from which `oid` can be seen; undefined where it cannot. */
  async depthOf(oid: Oid, tip: Oid): Promise<number | undefined> {
    const depths = new Map<Oid, number>([[tip, 0]]);
    for (const [at, depth] of depths) {
      if (at === oid) return depth;
      for (const parent of (await this.at(at))?.parents ?? []) {
        if (!depths.has(parent)) depths.set(parent, depth + 1);
      }
    }
    return undefined;
  }
}
