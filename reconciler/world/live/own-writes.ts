import type { ObjectId } from '../../core/kube/object.ts';
import type { ObjectChange } from './watched-objects.ts';

/**
 * Tells the echo of our own writes from what others do. A watch may be faster than the answer to the write that it tells
 * of, so what it says of an object is held back while we write to it.
 */
export class OwnWrites {
  readonly #held = new Map<ObjectId, ObjectChange[]>();
  readonly #tell: (id: ObjectId, change: ObjectChange) => void;

  constructor(tell: (id: ObjectId, change: ObjectChange) => void) {
    this.#tell = tell;
  }

  /** Whether a write of ours is under way. */
  get isWriting(): boolean {
    return this.#held.size > 0;
  }

  /** A change that a watch or list shows; told now, or when the write to its object is over. */
  changed(id: ObjectId, change: ObjectChange): void {
    const held = this.#held.get(id);
    if (held === undefined) this.#tell(id, change);
    else held.push(change);
  }

  /** Does one write to an object. Then what was held back is told, save what `isEcho`. */
  async during<Result>(
    id: ObjectId,
    write: () => Promise<Result>,
    isEcho: (change: ObjectChange, result: Result) => boolean,
  ): Promise<Result> {
    // Two at once to one object do not happen: changes of a plan are one for each.
    if (this.#held.has(id)) return await write();
    const held: ObjectChange[] = [];
    this.#held.set(id, held);
    let foreign: readonly ObjectChange[] = held;
    try {
      const result = await write();
      foreign = held.filter((change) => !isEcho(change, result));
      return result;
    } finally {
      this.#held.delete(id);
      for (const change of foreign) this.#tell(id, change);
    }
  }
}
