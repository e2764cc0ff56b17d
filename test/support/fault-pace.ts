import type { Cluster } from '../cluster/cluster.ts';
import { until } from '../cluster/until.ts';
import type { FaultServer, OpenWatch } from './fault-server.ts';

const MINUTE_MS = 60_000;

/**
 * What the API server does at the pace of its own clock, done at that of a test by the proxy before it: a bookmark a
 * minute, and the end of each watch when the time is up that it was asked for, with a bookmark right before it.
 */
export class ApiServerPace {
  readonly #cluster: Cluster;
  readonly #faults: FaultServer;
  readonly #counts: () => { readonly opened: number; readonly lost: number };
  readonly #since = new WeakMap<OpenWatch, number>();
  #bookmarkedAt = 0;

  /** `counts`: of the watches of the only client. */
  constructor(
    cluster: Cluster,
    faults: FaultServer,
    counts: () => { readonly opened: number; readonly lost: number },
  ) {
    this.#cluster = cluster;
    this.#faults = faults;
    this.#counts = counts;
  }

  /** Does what is due at `now`. */
  async keep(now: number): Promise<void> {
    const open = this.#faults.openWatches;
    const isBookmarkDue = now - this.#bookmarkedAt >= MINUTE_MS;
    const ending = open.filter((watch) => this.#isOver(watch, now));
    if (!isBookmarkDue && ending.length === 0) return;
    const object = { kind: 'ConfigMap', apiVersion: 'v1', metadata: await this.#newest() };
    const before = this.#tried();
    for (const watch of isBookmarkDue ? open : ending) watch.tell({ type: 'BOOKMARK', object });
    for (const watch of ending) watch.end();
    if (isBookmarkDue) this.#bookmarkedAt = now;
    if (ending.length === 0) return;
    // That they have ended has to arrive before time goes on.
    await until('ended watches are tried again', () => this.#tried() >= before + ending.length);
  }

  #isOver(watch: OpenWatch, now: number): boolean {
    const since = this.#since.get(watch) ?? now;
    this.#since.set(watch, since);
    const seconds = Number(new URL(watch.url, this.#faults.url).searchParams.get('timeoutSeconds'));
    return now - since >= seconds * 1000;
  }

  #tried(): number {
    const { opened, lost } = this.#counts();
    return opened + lost;
  }

  async #newest(): Promise<{ readonly resourceVersion: string }> {
    const list = await this.#cluster.api.json<{ metadata: { resourceVersion: string } }>(
      'GET',
      '/api/v1/namespaces?limit=1',
    );
    return { resourceVersion: list.metadata.resourceVersion };
  }
}
