import type { ObjectId } from '../core/kube/object.ts';

/** What the log has said of objects that are not as they should be, until they are. */
export class ToldWrites {
  readonly #told = new Map<ObjectId, Set<string>>();
  /** Of how many objects it has said the same. */
  readonly #counts = new Map<string, number>();

  /** Whether it has said that, of this object or of `most` others. It has, from now on. */
  isKnown(id: ObjectId, news: string, most = Infinity): boolean {
    const told = this.#told.get(id) ?? new Set();
    if (told.has(news)) return true;
    const count = this.#counts.get(news) ?? 0;
    this.#told.set(id, told.add(news));
    this.#counts.set(news, count + 1);
    return count >= most;
  }

  /** The object is as it should be, or nobody asks for that any more. */
  forget(id: ObjectId): void {
    for (const news of this.#told.get(id) ?? []) {
      const left = (this.#counts.get(news) ?? 0) - 1;
      if (left > 0) this.#counts.set(news, left);
      else this.#counts.delete(news);
    }
    this.#told.delete(id);
  }

  keep(isOpen: (id: ObjectId) => boolean): void {
    for (const id of this.#told.keys()) if (!isOpen(id)) this.forget(id);
  }
}
