import type { KubeObject } from '../../core/kube/object.ts';
import type { WatchEvent } from '../kubeapi/watch-events.ts';
import { CompactObjects } from './compact-objects.ts';
import { compareVersions } from './resource-version.ts';
import { difference } from './watch-difference.ts';

/** An object that is not what it was. Absent before: it is new; absent after: it is gone. */
export interface ObjectChange {
  readonly before?: KubeObject;
  readonly after?: KubeObject;
  /** Version at which it changed; of a list, where an object is gone. */
  readonly version: string;
  /** Whether nothing but its status changed. */
  readonly statusOnly: boolean;
}

/** A write of ours that neither list nor watch has confirmed. */
type OwnWrite = { readonly version: string } | { readonly gone: string | undefined };

/**
 * The objects of one list, kept up to date by the events of its watch and by our own writes. It never goes back behind
 * a write of ours: what is told from before it is passed over. By name, since they share kind and namespace.
 */
export class WatchedObjects {
  readonly #objects = new Map<string, KubeObject>();
  readonly #own = new Map<string, OwnWrite>();
  readonly #compact = new CompactObjects();
  #version: string | undefined;

  get all(): ReadonlyMap<string, KubeObject> {
    return this.#objects;
  }

  /** What a watch goes on from. */
  get version(): string | undefined {
    return this.#version;
  }

  /** How many writes of ours are not confirmed yet. */
  get unconfirmed(): number {
    return this.#own.size;
  }

  /** Whether the object is gone, or on its way. */
  isGoing(name: string, uid: string | undefined): boolean {
    const object = this.#objects.get(name);
    return object?.metadata.uid !== uid || object?.metadata.deletionTimestamp !== undefined;
  }

  /** What is kept of an object that a list shows: the one that is known, where that is the same. */
  kept(listed: KubeObject): KubeObject {
    const { name, uid, resourceVersion } = listed.metadata;
    const known = this.#objects.get(name);
    const isSame =
      resourceVersion !== undefined &&
      known?.metadata.resourceVersion === resourceVersion &&
      known.metadata.uid === uid;
    return isSame ? known : this.#compact.object(listed);
  }

  /** All of them, as a list at `version` has them. */
  replace(listed: readonly KubeObject[], version: string | undefined): readonly ObjectChange[] {
    const next = new Map(listed.map((object) => [object.metadata.name, object]));
    for (const [name, own] of this.#own) {
      const object = next.get(name);
      if ('gone' in own) {
        if (object?.metadata.uid === own.gone) next.delete(name);
        else this.#own.delete(name);
        continue;
      }
      const mine = this.#objects.get(name);
      // A list from before our write, of a server that lags behind.
      const isOlder = version !== undefined && (compareVersions(version, own.version) ?? 0) < 0;
      if (!isOlder) this.#own.delete(name);
      else if (mine !== undefined) next.set(name, mine);
    }
    const changes: ObjectChange[] = [];
    for (const [name, before] of this.#objects) {
      if (next.has(name)) continue;
      this.#objects.delete(name);
      changes.push({ before, version: version ?? '', statusOnly: false });
    }
    for (const after of next.values()) changes.push(...this.#set(after));
    this.#version = version;
    return changes;
  }

  /** What an event of the watch changes; undefined where it says nothing new. */
  take(event: WatchEvent): ObjectChange | undefined {
    const version = event.type === 'BOOKMARK' ? event.resourceVersion : event.object.metadata.resourceVersion;
    // Told twice, or late: the watch has been further than that.
    if (this.#version !== undefined && (compareVersions(version, this.#version) ?? 0) < 0) return undefined;
    this.#version = version;
    if (event.type === 'BOOKMARK') return undefined;

    const { type } = event;
    const object = this.#compact.object(event.object);
    const { name, uid } = object.metadata;
    if (this.#isBehindOwn(name, uid, version, type === 'DELETED')) return undefined;
    if (type !== 'DELETED') return this.#set(object)[0];
    const before = this.#objects.get(name);
    this.#objects.delete(name);
    return before === undefined ? undefined : { before, version, statusOnly: false };
  }

  /** Whether an event tells of a time before a write of ours; one that does not confirms the write. */
  #isBehindOwn(name: string, uid: string | undefined, version: string, isDeleted: boolean): boolean {
    const own = this.#own.get(name);
    if (own === undefined) return false;
    if ('gone' in own) {
      const isSame = uid === own.gone;
      if (!isSame || isDeleted) this.#own.delete(name);
      return isSame;
    }
    // Events come in order, so where versions cannot be compared, all until ours are from before it.
    if ((compareVersions(version, own.version) ?? -1) < 0) return true;
    this.#own.delete(name);
    return false;
  }

  /** Takes what the API server answered to a write of ours, unless the watch was faster. */
  put(object: KubeObject): void {
    const { name, resourceVersion: version } = object.metadata;
    if (version === undefined) return;
    const known = this.#objects.get(name)?.metadata.resourceVersion;
    if (known === version) return;
    if (this.#version !== undefined && (compareVersions(version, this.#version) ?? 1) <= 0) return;
    this.#objects.set(name, this.#compact.object(object));
    this.#own.set(name, { version });
  }

  /** Takes note that the object of this name and UID is gone for good. */
  drop(name: string, uid: string | undefined): void {
    if (this.#objects.get(name)?.metadata.uid !== uid) return;
    this.#objects.delete(name);
    this.#own.set(name, { gone: uid });
  }

  #set(after: KubeObject): ObjectChange[] {
    const { name, resourceVersion: version = '' } = after.metadata;
    const before = this.#objects.get(name);
    // The one that is known is kept, so that whoever holds it shares it.
    if (before !== undefined && before.metadata.resourceVersion === version) return [];
    this.#objects.set(name, after);
    if (before === undefined) return [{ after, version, statusOnly: false }];
    const what = difference(before, after);
    return what === 'none' ? [] : [{ before, after, version, statusOnly: what === 'status' }];
  }
}
