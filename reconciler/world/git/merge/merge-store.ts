import type { MergeHead } from '../../../forge-port.ts';
import type { Interruptible } from '../../../ports.ts';
import type { Limits } from '../limits.ts';
import { gitFolder } from '../local/git-folder.ts';
import type { GitObject, Oid } from '../objects/git-object.ts';
import { GitObjects } from '../objects/git-objects.ts';
import { FiledObjects } from '../objects/object-files.ts';
import { headGone } from './merge-errors.ts';

/** Objects that are made for a merge, and are nowhere but in memory. */
export type Made = ReadonlyMap<Oid, GitObject>;

/** The commits that are merged. */
export interface Merging extends Interruptible {
  readonly base: Oid;
  readonly head: MergeHead;
}

/** Where the commits come from that are merged. */
export interface MergeStore {
  /** What messages call the repository. */
  readonly shown: string;
  /** Makes ready what has to be there before anything is read; both commits have to be had. */
  open(merging: Merging): Promise<void>;
  /** The objects as they are now, together with those that were made. */
  objects(made: Made): GitObjects;
  /** Fetches older commits of one of both. False where all that can be had is here. */
  deepen(tip: Oid, depth: number, merging: Merging): Promise<boolean>;
  /** Begins anew after something was found to be damaged. False where that would not help. */
  renew(merging: Merging): Promise<boolean>;
}

/** The repository on this machine, opened where it is. */
export class LocalMergeStore implements MergeStore {
  readonly shown: string;
  readonly #limits: Limits;
  #folder = '';

  constructor(path: string, limits: Limits) {
    this.shown = path;
    this.#limits = limits;
  }

  async open({ head }: Merging): Promise<void> {
    this.#folder = await gitFolder(this.shown);
    if ((await this.objects(new Map()).commit(oidOf(head))) === undefined) throw headGone(this.shown, head);
  }

  objects(made: Made): GitObjects {
    const files = new FiledObjects(this.#folder, { mostBytes: this.#limits.packBytes, received: made });
    return new GitObjects(files, this.#limits);
  }

  async deepen(): Promise<boolean> {
    return false;
  }

  async renew(): Promise<boolean> {
    return false;
  }
}

export function oidOf({ commit }: Pick<MergeHead, 'commit'>): Oid {
  return commit as string as Oid;
}
