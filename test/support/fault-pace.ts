import type { Cluster } from '../cluster/cluster.ts';
import { until } from '../cluster/until.ts';
import type { FaultServer, OpenWatch } from './fault-server.ts';

const MINUTE_MS = 60_000;
/** No event is ever that late; it is only there so that one which never comes has a name. */
const PATIENCE = { timeoutMs: 5 * MINUTE_MS, everyMs: 1 };

/** A list as the API server has it, with the same selectors as a watch. */
interface Truth {
  readonly resourceVersion: string;
  /** The version of each object by its uid. */
  readonly versions: ReadonlyMap<string, number>;
}

/**
 * What the API server does at the pace of its own clock, done at that of a test by the proxy before it: a bookmark a
 * minute, and the end of each watch when the time is up that it was asked for, with a bookmark right before it.
 */
export class ApiServerPace {
  readonly #cluster: Cluster;
  readonly #faults: FaultServer;
  readonly #since = new WeakMap<OpenWatch, number>();
  readonly #truths = new Map<string, Truth>();
  #bookmarkedAt = 0;

  constructor(cluster: Cluster, faults: FaultServer) {
    this.#cluster = cluster;
    this.#faults = faults;
  }

  /** Sends what is due at `now`; whether anything was. */
  async keep(now: number): Promise<boolean> {
    const open = this.#faults.openWatches;
    const isBookmarkDue = now - this.#bookmarkedAt >= MINUTE_MS;
    const ending = open.filter((watch) => this.#isOver(watch, now));
    await Promise.all((isBookmarkDue ? open : ending).map((watch) => this.#bookmark(watch)));
    for (const watch of ending) watch.end();
    if (isBookmarkDue) this.#bookmarkedAt = now;
    return isBookmarkDue || ending.length > 0;
  }

  /** Waits until each watch has told, as far as this proxy, all that has happened by now. */
  async told(): Promise<void> {
    await Promise.all(this.#faults.openWatches.map((watch) => this.#toldOf(watch)));
  }

  async #bookmark(watch: OpenWatch): Promise<void> {
    // It says that nothing up to its version is still to be told.
    const { resourceVersion } = await this.#toldOf(watch);
    const { pathname } = new URL(watch.url, this.#faults.url);
    const kind = pathname.endsWith('/services')
      ? 'Service'
      : pathname.endsWith('/namespaces')
        ? 'Namespace'
        : 'ConfigMap';
    watch.tell({ type: 'BOOKMARK', object: { kind, apiVersion: 'v1', metadata: { resourceVersion } } });
  }

  async #toldOf(watch: OpenWatch): Promise<Truth> {
    const { pathname } = new URL(watch.url, this.#faults.url);
    const selectors = new URLSearchParams();
    for (const name of ['labelSelector', 'fieldSelector']) {
      const value = watch.query.get(name);
      if (value !== null) selectors.set(name, value);
    }
    const path = `${pathname}?${selectors.toString()}`;
    const began = Number(watch.query.get('resourceVersion') ?? 0);
    const before = this.#truths.get(path);
    const now = await this.#truth(path);
    this.#truths.set(path, now);
    // What was there when the watch began and is not there any more.
    const gone =
      before === undefined || began > Number(before.resourceVersion)
        ? []
        : [...before.versions.keys()].filter((uid) => !now.versions.has(uid));
    const isTold = () =>
      [...now.versions].every(
        ([uid, version]) => version <= began || (watch.told.get(uid) ?? 0) >= version,
      ) && gone.every((uid) => watch.told.get(uid) === Infinity);
    const isOpen = () => this.#faults.openWatches.includes(watch) && !watch.isEnded;
    if (watch.isWhole) await until(`all is told of ${path}`, () => isTold() || !isOpen(), PATIENCE);
    return now;
  }

  async #truth(path: string): Promise<Truth> {
    const { metadata, items } = await this.#cluster.api.json<{
      readonly metadata: { readonly resourceVersion: string };
      readonly items: readonly {
        readonly metadata: { readonly uid: string; readonly resourceVersion: string };
      }[];
    }>('GET', path);
    const versions = items.map(
      ({ metadata: { uid, resourceVersion } }) => [uid, Number(resourceVersion)] as const,
    );
    return { resourceVersion: metadata.resourceVersion, versions: new Map(versions) };
  }

  #isOver(watch: OpenWatch, now: number): boolean {
    const since = this.#since.get(watch) ?? now;
    this.#since.set(watch, since);
    const seconds = Number(watch.query.get('timeoutSeconds'));
    return now - since >= seconds * 1000;
  }
}
