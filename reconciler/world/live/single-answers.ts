import type { Kind } from '../../core/kube/kinds.ts';
import { groupKind, type KubeObject, type ObjectId, objectId } from '../../core/kube/object.ts';
import { ReconcilerError } from '../../errors.ts';
import type { KubeApi } from '../kubeapi/kube-api.ts';
import { getObject } from './get-object.ts';
import { listAt } from './list.ts';
import { FEW, reference } from './read-scope.ts';
import { difference } from './watch-difference.ts';
import type { Moment, WatchTime } from './watch-time.ts';
import type { ObjectChange } from './watched-objects.ts';

/** Where single objects are looked for. */
export interface Place {
  readonly kind: Kind;
  readonly namespace: string | undefined;
}

export type Single = Place & { readonly name: string };

/** Which object it is, whether it exists or not. */
export function idOf({ kind, namespace, name }: Single): ObjectId {
  return objectId(reference(kind, namespace, name));
}

interface Answer {
  readonly single: Single;
  readonly object: KubeObject | undefined;
  readonly at: Moment;
  /** Who asked for it last. */
  usedBy: object;
}

/** What could not be asked about is asked about again so much later. */
const AGAIN_MS = 60_000;

/** What was answered about objects that have no watch. It counts for a while, and then is asked for again. */
export class SingleAnswers {
  readonly #api: KubeApi;
  readonly #time: WatchTime;
  readonly #countsForMs: number;
  readonly #changed: (id: ObjectId, change: ObjectChange) => void;
  readonly #signal: AbortSignal;
  readonly #answers = new Map<ObjectId, Answer>();
  #asking: Promise<void> | undefined;
  #failed: Moment | undefined;

  /** `changed` hears of what is found to be another than before. Once `signal` is aborted nothing more is asked. */
  constructor({
    api,
    time,
    countsForMs,
    changed,
    signal,
  }: {
    readonly api: KubeApi;
    readonly time: WatchTime;
    readonly countsForMs: number;
    readonly changed: (id: ObjectId, change: ObjectChange) => void;
    readonly signal: AbortSignal;
  }) {
    this.#api = api;
    this.#time = time;
    this.#countsForMs = countsForMs;
    this.#changed = changed;
    this.#signal = signal;
  }

  /** The answer, where there is one that still counts: an object, or that there is none. */
  get(id: ObjectId, usedBy: object): { readonly object: KubeObject | undefined } | undefined {
    const answer = this.#answers.get(id);
    if (answer === undefined) return undefined;
    answer.usedBy = usedBy;
    return this.#isRecent(answer) ? answer : undefined;
  }

  set(single: Single, object: KubeObject | undefined, usedBy: object): void {
    this.#answers.set(idOf(single), { single, object, at: this.#time.now(), usedBy });
  }

  forget(id: ObjectId): void {
    this.#answers.delete(id);
  }

  forgetAll(): void {
    this.#answers.clear();
  }

  /** Lets go of what others asked for. */
  tidy(usedBy: object): void {
    for (const [id, answer] of this.#answers) if (answer.usedBy !== usedBy) this.#answers.delete(id);
  }

  /** Asks again about what counts no longer, so that a change is heard of though nobody reads. To be called often. */
  look(): void {
    if (this.#asking !== undefined || this.#signal.aborted) return;
    if (this.#failed !== undefined && this.#time.since(this.#failed) < AGAIN_MS) return;
    const due = [...this.#answers.values()].filter((answer) => !this.#isRecent(answer));
    if (due.length === 0) return;
    this.#failed = undefined;
    this.#asking = this.#askAgain(due).finally(() => {
      this.#asking = undefined;
    });
  }

  /** Waits until nothing is being asked. */
  async settled(): Promise<void> {
    await this.#asking;
  }

  async #askAgain(due: readonly Answer[]): Promise<void> {
    const places = Map.groupBy(
      due,
      ({ single: { kind, namespace } }) => `${groupKind(kind)} ${namespace ?? ''}`,
    );
    await Promise.all([...places.values()].map((answers) => this.#askPlace(answers)));
  }

  async #askPlace(answers: readonly Answer[]): Promise<void> {
    try {
      const moved = answers.length > FEW ? await this.#moved(answers) : answers;
      await Promise.all(moved.map((answer) => this.#ask(answer)));
    } catch (error) {
      if (this.#signal.aborted) return;
      if (!(error instanceof ReconcilerError)) throw error;
      this.#failed = this.#time.now();
    }
  }

  /** Those of many in one place that a list of names and versions shows to be others than before. */
  async #moved(answers: readonly Answer[]): Promise<readonly Answer[]> {
    const [{ single }] = answers as readonly [Answer];
    const { kind, namespace } = single;
    const { objects } = await listAt(this.#api, {
      kind,
      namespace,
      metadataOnly: true,
      signal: this.#signal,
    });
    const versions = new Map(objects.map(({ metadata }) => [metadata.name, metadata.resourceVersion]));
    return answers.filter((answer) => {
      const isMoved = versions.get(answer.single.name) !== answer.object?.metadata.resourceVersion;
      if (!isMoved) this.#renew(answer, answer.object);
      return isMoved;
    });
  }

  async #ask(answer: Answer): Promise<void> {
    const { kind, namespace, name } = answer.single;
    const object = await getObject(this.#api, reference(kind, namespace, name), { signal: this.#signal });
    this.#renew(answer, object);
  }

  #renew(before: Answer, object: KubeObject | undefined): void {
    const id = idOf(before.single);
    // Whoever read or wrote it meanwhile knows better.
    if (this.#answers.get(id) !== before) return;
    this.set(before.single, object, before.usedBy);
    const change = changeOf(before.object, object);
    if (change !== undefined) this.#changed(id, change);
  }

  #isRecent({ at }: Answer): boolean {
    return this.#time.since(at) < this.#countsForMs;
  }
}

function changeOf(before: KubeObject | undefined, after: KubeObject | undefined): ObjectChange | undefined {
  const version = (after ?? before)?.metadata.resourceVersion ?? '';
  if (before === undefined) return after === undefined ? undefined : { after, version, statusOnly: false };
  if (after === undefined) return { before, version, statusOnly: false };
  const what = difference(before, after);
  return what === 'none' ? undefined : { before, after, version, statusOnly: what === 'status' };
}
