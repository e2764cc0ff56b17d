import type { KubeObject, ObjectId } from '../../core/kube/object.ts';
import type { Moment, WatchTime } from './watch-time.ts';

/** What was answered about objects that have no watch. It counts for a while. */
export class SingleAnswers {
  readonly #time: WatchTime;
  readonly #countsForMs: number;
  readonly #answers = new Map<ObjectId, { readonly object: KubeObject | undefined; readonly at: Moment }>();

  constructor(time: WatchTime, countsForMs: number) {
    this.#time = time;
    this.#countsForMs = countsForMs;
  }

  /** The answer, where there is one that still counts: an object, or that there is none. */
  get(id: ObjectId): { readonly object: KubeObject | undefined } | undefined {
    const answer = this.#answers.get(id);
    return answer !== undefined && this.#isRecent(answer.at) ? answer : undefined;
  }

  set(id: ObjectId, object: KubeObject | undefined): void {
    this.#answers.set(id, { object, at: this.#time.now() });
  }

  forget(id: ObjectId): void {
    this.#answers.delete(id);
  }

  /** Lets go of what no longer counts. */
  tidy(): void {
    for (const [id, { at }] of this.#answers) if (!this.#isRecent(at)) this.#answers.delete(id);
  }

  #isRecent(at: Moment): boolean {
    return this.#time.since(at) < this.#countsForMs;
  }
}
