import type { ObjectId } from '../kube/object.ts';
import { references } from '../kube/references.ts';
import { type Change, isWrite, type Outcome, unmade, type Write } from './change.ts';
import { needs, stages } from './order.ts';

/** What holds writes back while a plan is carried out: objects that are not there, and writes that came to nothing. */
export class Holds {
  readonly #missing = new Map<ObjectId, Fate>();
  /** What live objects refer to that could not be changed or deleted, and by whom. */
  readonly #used = new Map<ObjectId, string>();

  constructor(changes: readonly Change[]) {
    for (const change of changes) {
      if (change.op !== 'refuse' && change.op !== 'wait') continue;
      const fate = change.op === 'refuse' ? 'which is refused' : 'which waits';
      if (change.absent === true)
        this.#missing.set(change.id, { words: fate, isPassing: change.passing === true });
      // It stays as it is, with what it uses, whatever its manifest says by now.
      for (const used of change.live === undefined ? [] : references(change.live))
        this.#used.set(used, `${change.id} still refers to it, ${fate}`);
    }
  }

  /** To be told how each write ended, before the next stage begins. */
  note({ change, result }: Outcome): void {
    if (result === 'done' || result === 'unchanged') return;
    if (change.op !== 'prune') {
      const words = result === 'failed' ? 'which failed' : 'which is held back';
      this.#missing.set(change.id, { words, isPassing: this.isPassing(change) });
    }
    if (change.op === 'create') return;
    const fate = change.op === 'prune' ? 'deleted' : 'changed';
    for (const used of references(change.live))
      this.#used.set(used, `${change.id} still refers to it, and could not be ${fate}`);
  }

  /** Why `write` cannot be carried out; undefined where it can. */
  reason(write: Write): string | undefined {
    if (write.op === 'prune') {
      const successor = write.renamedTo;
      const fate = successor === undefined ? undefined : this.#missing.get(successor);
      return fate === undefined ? this.#used.get(write.id) : `It is renamed to ${successor}, ${fate.words}`;
    }
    const needed = needs(write).find((id) => this.#missing.has(id));
    return needed === undefined ? undefined : `It needs ${needed}, ${this.#missing.get(needed)?.words}`;
  }

  /** Whether all that `write` needs and that is not there comes by itself. */
  isPassing(write: Write): boolean {
    const lacking = write.op === 'prune' ? [] : needs(write).flatMap((id) => this.#missing.get(id) ?? []);
    return lacking.length > 0 && lacking.every(({ isPassing }) => isPassing);
  }
}

/** Why an object is not there, to follow its id, and whether it comes without anybody's doing. */
interface Fate {
  readonly words: string;
  readonly isPassing: boolean;
}

/** `changes` with each write that needs an object which will not be there turned into a wait, and so on from there. */
export function withHolds(changes: readonly Change[]): readonly Change[] {
  const holds = new Holds(changes);
  const waits = new Map<ObjectId, Change>();
  for (const write of stages(changes.filter(isWrite)).flat()) {
    const reason = holds.reason(write);
    if (reason === undefined) continue;
    holds.note({ change: write, result: 'held', why: reason });
    waits.set(write.id, {
      ...unmade(write, 'wait', reason),
      ...(holds.isPassing(write) && { passing: true }),
    });
  }
  return waits.size === 0 ? changes : changes.map((change) => waits.get(change.id) ?? change);
}
