import type { KubeObject } from './core/kube/object.ts';
import { intentName, reportName } from '../schemas/node/config-maps.ts';
import type { GoneReport, NodesSeen, NodesUnread } from './core/nodes/nodes-seen.ts';
import { ReconcilerError } from './errors.ts';
import type { Cluster, Interruptible, Log } from './ports.ts';

/** Between the look that misses a node first and the one that may believe it. */
const MISSED_MS = 10 * 60_000;
/** A report that was written lately has somebody who writes it, whether its node is to be seen or not. */
const UNTOUCHED_MS = 60 * 60_000;
const MOST_AT_ONCE = 20;
/** Where more than that are due. */
const LOOKS_APART_MS = 60_000;

export interface GoneReportsParts extends Interruptible {
  readonly cluster: Pick<Cluster, 'get' | 'delete' | 'seeNodes'>;
  readonly log: Log;
  readonly now: Date;
  /** When a deletion under way is given up. */
  readonly deadline: AbortSignal;
  /** Asked right before each deletion. */
  readonly mayDelete: () => Promise<boolean>;
}

/**
 * Deletes the reports of nodes that are gone, and what was asked of these nodes, which nobody else does: a cluster that scales has
 * new names of nodes all the time. A report that was deleted in error is written anew by its agent, and what is asked of a node by
 * the next pass, so nothing depends on them.
 */
export class GoneReports {
  readonly #looksTwice: boolean;
  /** When each was missed, by name of its ConfigMap. */
  #missed: ReadonlyMap<string, number> = new Map();
  readonly #failed = new Set<string>();

  /**
   * `looksTwice`: by a process that goes on, and answers from memory. It believes that a node is gone when it has missed it twice
   * some time apart, and the API server itself says so too.
   */
  constructor({ looksTwice }: { readonly looksTwice: boolean }) {
    this.#looksTwice = looksTwice;
  }

  /** Deletes those that are due. What cannot be deleted is logged, and tried again by a later pass. */
  async remove(seen: NodesSeen | NodesUnread | undefined, parts: GoneReportsParts): Promise<void> {
    // Of what is not seen in whole nothing is concluded.
    if (seen === undefined || 'unread' in seen) return;
    const { log, now, signal } = parts;
    try {
      await this.#remove(this.#due(seen.gone ?? [], now.getTime()), parts);
    } catch (error) {
      if (signal?.aborted === true && error === signal.reason) return;
      if (!(error instanceof ReconcilerError)) throw error;
      const { code, message } = error;
      const level = this.#failed.has(code) ? 'debug' : 'warn';
      this.#failed.add(code);
      log[level]({ code, why: message }, 'Could not delete the reports of nodes that are gone');
    }
  }

  /** In how long the next look is worth a pass; undefined where nothing is missed, or a look at any pass is all there is. */
  dueMs(now: Date): number | undefined {
    if (this.#missed.size === 0) return undefined;
    const first = Math.min(...this.#missed.values());
    return Math.max(LOOKS_APART_MS, first + MISSED_MS - now.getTime());
  }

  async #remove(due: readonly GoneReport[], parts: GoneReportsParts): Promise<void> {
    const { cluster, log, now, mayDelete, signal, deadline } = parts;
    const stop = { signal };
    const found: { readonly gone: GoneReport; readonly live: KubeObject }[] = [];
    for (const gone of due) {
      const metadata = { name: nameOf(gone), namespace: gone.namespace };
      const live = await cluster.get({ apiVersion: 'v1', kind: 'ConfigMap', metadata }, stop);
      if (live !== undefined && now.getTime() - writtenAt(live) >= UNTOUCHED_MS) found.push({ gone, live });
    }
    // The API server is not asked for all nodes where nothing may be deleted anyway.
    if (found.length === 0 || (this.#looksTwice && !(await mayDelete()))) return;
    const stillGone = this.#looksTwice
      ? new Set((await cluster.seeNodes({ signal, afresh: true }))?.gone?.map(({ node }) => node))
      : undefined;
    for (const { gone, live } of found) {
      const { node } = gone;
      if (stillGone?.has(node) === false) continue;
      if (signal?.aborted === true || !(await mayDelete())) return;
      // As it was read: one that was written since is not deleted.
      await cluster.delete(live, { signal: deadline });
      const { name, namespace } = live.metadata;
      const what = gone.intent === true ? 'Deleted what was asked' : 'Deleted the report';
      log.info({ node, namespace, configMap: name }, `${what} of a node that is gone`);
    }
    this.#failed.clear();
  }

  #due(gone: readonly GoneReport[], now: number): readonly GoneReport[] {
    if (!this.#looksTwice) return gone.slice(0, MOST_AT_ONCE);
    const missed = this.#missed;
    const due = gone
      .filter((each) => now - (missed.get(nameOf(each)) ?? now) >= MISSED_MS)
      .slice(0, MOST_AT_ONCE);
    // Those that are looked at now have their next turn after the others.
    const looked = new Set(due.map(nameOf));
    this.#missed = new Map(
      gone.map(nameOf).map((name) => [name, looked.has(name) ? now : (missed.get(name) ?? now)] as const),
    );
    return due;
  }
}

function nameOf({ node, intent }: GoneReport): string {
  return intent === true ? intentName(node) : reportName(node);
}

/** When an object was written last; never long ago, where it does not say. */
function writtenAt({ metadata }: KubeObject): number {
  const times = [metadata.creationTimestamp, ...(metadata.managedFields ?? []).map(({ time }) => time)];
  const known = times.map((time) => Date.parse(`${time}`)).filter((time) => !Number.isNaN(time));
  return known.length === 0 ? Infinity : Math.max(...known);
}
