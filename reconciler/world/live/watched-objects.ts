import type { KubeObject } from '../../core/kube/object.ts';
import type { WatchEvent } from '../kubeapi/watch-events.ts';
import { CompactObjects } from './compact-objects.ts';
import { compareVersions } from './resource-version.ts';
import { keyWithin, type Metadata, type Selection } from './selection.ts';
import { difference } from './watch-difference.ts';
import type { WatchedListWorld } from './watched-list-world.ts';

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
 * a write of ours: what is told from before it is passed over. They share a kind, and most often a namespace.
 */
export class WatchedObjects {
  readonly #objects = new Map<string, KubeObject>();
  readonly #own = new Map<string, OwnWrite>();
  readonly #compact: (object: KubeObject) => KubeObject;
  readonly #key: (metadata: Metadata) => string;
  #version: string | undefined;

  constructor(selection: Selection, { wanted, keep }: Pick<WatchedListWorld, 'wanted' | 'keep'> = {}) {
    this.#key = keyWithin(selection);
    const compact = new CompactObjects(wanted);
    this.#compact = keep ?? ((object) => compact.object(object));
  }

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
  isGoing(metadata: Metadata, uid: string | undefined): boolean {
    const object = this.#objects.get(this.#key(metadata));
    return object?.metadata.uid !== uid || object?.metadata.deletionTimestamp !== undefined;
  }

  /** What is kept of an object that a list shows: the one that is known, where that is the same. */
  kept(listed: KubeObject): KubeObject {
    const { uid, resourceVersion } = listed.metadata;
    const known = this.#objects.get(this.#key(listed.metadata));
    const isSame =
      resourceVersion !== undefined &&
      known?.metadata.resourceVersion === resourceVersion &&
      known.metadata.uid === uid;
    return isSame ? known : this.#compact(listed);
  }

  /** All of them, as a list at `version` has them. */
  replace(listed: readonly KubeObject[], version: string | undefined): readonly ObjectChange[] {
    const next = new Map(listed.map((object) => [this.#key(object.metadata), object]));
    for (const [key, own] of this.#own) {
      const object = next.get(key);
      if ('gone' in own) {
        if (object?.metadata.uid === own.gone) next.delete(key);
        else this.#own.delete(key);
        continue;
      }
      const mine = this.#objects.get(key);
      // A list from before our write, of a server that lags behind.
      const isOlder = version !== undefined && (compareVersions(version, own.version) ?? 0) < 0;
      if (!isOlder) this.#own.delete(key);
      else if (mine !== undefined) next.set(key, mine);
    }
    const changes: ObjectChange[] = [];
    for (const [key, before] of this.#objects) {
      if (next.has(key)) continue;
      this.#objects.delete(key);
      changes.push({ before, version: version ?? '', statusOnly: false });
    }
    for (const after of next.values()) changes.push(...this.#set(after));
    this.#version = version;
    return changes;
  }

  /** Whether an event was told before, or comes late: the watch has been further than that. */
  isBehind(event: WatchEvent): boolean {
    return this.#version !== undefined && (compareVersions(versionOf(event), this.#version) ?? 0) < 0;
  }

  /** The API server's own memory goes back to before what we know, so it may have lost what we wrote. */
  wentBack(): void {
    this.#own.clear();
    this.#version = undefined;
  }

  /** What an event of the watch changes; undefined where it says nothing new. */
  take(event: WatchEvent): ObjectChange | undefined {
    if (this.isBehind(event)) return undefined;
    const version = versionOf(event);
    this.#version = version;
    if (event.type === 'BOOKMARK') return undefined;

    const { type } = event;
    const object = this.#compact(event.object);
    const { uid } = object.metadata;
    const key = this.#key(object.metadata);
    if (this.#isBehindOwn(key, uid, version, type === 'DELETED')) return undefined;
    if (type !== 'DELETED') return this.#set(object)[0];
    const before = this.#objects.get(key);
    this.#objects.delete(key);
    return before === undefined ? undefined : { before, version, statusOnly: false };
  }

  /** Whether an event tells of a time before a write of ours; one that does not confirms the write. */
  #isBehindOwn(key: string, uid: string | undefined, version: string, isDeleted: boolean): boolean {
    const own = this.#own.get(key);
    if (own === undefined) return false;
    if ('gone' in own) {
      const isSame = uid === own.gone;
      if (!isSame || isDeleted) this.#own.delete(key);
      return isSame;
    }
    // Events come in order, so where versions cannot be compared, all until ours are from before it.
    if ((compareVersions(version, own.version) ?? -1) < 0) return true;
    this.#own.delete(key);
    return false;
  }

  /** Takes what the API server answered to a write of ours, unless the watch was faster. */
  put(object: KubeObject): void {
    const { resourceVersion: version } = object.metadata;
    const key = this.#key(object.metadata);
    if (version === undefined) return;
    const known = this.#objects.get(key)?.metadata.resourceVersion;
    if (known === version) return;
    if (this.#version !== undefined && (compareVersions(version, this.#version) ?? 1) <= 0) return;
    this.#objects.set(key, this.#compact(object));
    this.#own.set(key, { version });
  }

  /** Takes note that the object of this name and UID is gone for good. */
  drop(metadata: Metadata, uid: string | undefined): void {
    const key = this.#key(metadata);
    if (this.#objects.get(key)?.metadata.uid !== uid) return;
    this.#objects.delete(key);
    this.#own.set(key, { gone: uid });
  }

  #set(after: KubeObject): ObjectChange[] {
    const { resourceVersion: version = '' } = after.metadata;
    const key = this.#key(after.metadata);
    const before = this.#objects.get(key);
    // The one that is known is kept, so that whoever holds it shares it.
    if (before !== undefined && before.metadata.resourceVersion === version) return [];
    this.#objects.set(key, after);
    if (before === undefined) return [{ after, version, statusOnly: false }];
    const what = difference(before, after);
    return what === 'none' ? [] : [{ before, after, version, statusOnly: what === 'status' }];
  }
}

function versionOf(event: WatchEvent): string {
  return event.type === 'BOOKMARK' ? event.resourceVersion : event.object.metadata.resourceVersion;
}
