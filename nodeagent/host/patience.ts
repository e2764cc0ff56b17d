import { Slots } from '../../reconciler/world/kubeapi/slots.ts';
import type { Reading } from '../observe/reading.ts';

/** Node reads files with four threads; a few more wait for them, so that open files stay few. */
const AT_ONCE = 16;

/** Into so many parts the patience is cut. */
const PARTS = 10;

/** Once so many things are late, nothing is left to read with. */
const THREADS = 4;

/**
 * Waits for the host, but not for ever. Only such time counts in which nothing at all answered: where others do, it is this process
 * that is slow, and where it was stopped as a whole, no time has passed for it. What has not answered in time keeps one of Node's few threads until it does, so
 * it is not asked a second time before.
 */
export class Patience {
  readonly #timeoutMs: number;
  readonly #slots = new Slots(AT_ONCE);
  /** Of each thing that does not answer, how many questions hang: it may have been asked several at once. */
  readonly #late = new Map<string, number>();
  #answers = 0;

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  /** What still does not answer. */
  get late(): readonly string[] {
    return [...this.#late.keys()].toSorted();
  }

  /** What `work` gives; that it failed, where it takes too long or still does since an earlier time. */
  async wait<Value>(what: string, work: () => Promise<Reading<Value>>): Promise<Reading<Value>> {
    return await this.#slots.run(async () => await this.#asked(what, work));
  }

  async #asked<Value>(what: string, work: () => Promise<Reading<Value>>): Promise<Reading<Value>> {
    const failed = (reason: string): Reading<Value> => ({ state: 'failed', reason: `${what} ${reason}` });
    // The same words each time, so that a report of it stays the same.
    const late = failed(`did not answer within ${this.#timeoutMs / 1000} s.`);
    if (this.#late.has(what)) return late;
    if (this.#hanging() >= THREADS)
      return failed('was not asked, since too much of this host does not answer.');
    return await new Promise((resolve, reject) => {
      let answers = this.#answers;
      let silent = 0;
      let isLate = false;
      const timer = setInterval(() => {
        silent += answers === this.#answers ? 1 : 0;
        answers = this.#answers;
        if (silent < PARTS) return;
        clearInterval(timer);
        isLate = true;
        this.#count(what, 1);
        resolve(late);
      }, this.#timeoutMs / PARTS);
      void work()
        .finally(() => {
          this.#answers += 1;
          clearInterval(timer);
          if (isLate) this.#count(what, -1);
        })
        .then(resolve, reject);
    });
  }

  /** Questions that hang, each of which keeps a thread. */
  #hanging(): number {
    return Array.from(this.#late.values()).reduce((sum, count) => sum + count, 0);
  }

  #count(what: string, by: 1 | -1): void {
    const count = (this.#late.get(what) ?? 0) + by;
    if (count === 0) this.#late.delete(what);
    else this.#late.set(what, count);
  }
}
