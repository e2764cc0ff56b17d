import type { KubeObject } from '../../core/kube/object.ts';
import type { NodesSeen } from '../../core/nodes/nodes-seen.ts';
import { ReconcilerError } from '../../errors.ts';
import {
  AGENTS,
  isAbout,
  NODES,
  REPORTS,
  type Reports,
  type ReportsSeen,
  reportsSeen,
  seenNodes,
  whyUnread,
} from '../facts/see-nodes.ts';
import type { Selection } from './selection.ts';
import type { WatchedList } from './watched-list.ts';

/** How much of an object is kept. */
type Keep = (object: KubeObject) => KubeObject;

/**
 * What the agents of nodes report, kept up to date by watches: one of their ConfigMaps, one of their pods, and where there
 * is any of either, one of nodes. A report is unpacked when it has changed, and not before somebody asks.
 */
export class WatchedAgents {
  readonly #namespace: string;
  readonly #open: (selection: Selection, keep: Keep) => WatchedList;
  readonly #lists = new Map<Source, WatchedList>();

  constructor(namespace: string, open: (selection: Selection, keep: Keep) => WatchedList) {
    this.#namespace = namespace;
    this.#open = open;
  }

  /** Those that were opened. */
  get all(): readonly WatchedList[] {
    return [...this.#lists.values()];
  }

  /** Every node with what its agent says of it; undefined where no agent is about, nor has left a report. */
  async see(): Promise<NodesSeen | undefined> {
    const [seen, pods] = await Promise.all([this.#reports(), this.#listed(AGENTS)]);
    if (!isAbout(seen.reports, pods?.size ?? 0)) return undefined;
    const nodes = await this.#of(NODES).current();
    return seenNodes(nodes.values(), { namespace: this.#namespace, pods: pods?.values() ?? [], ...seen });
  }

  /** The reports by node; or why we may not read them. */
  async reports(): Promise<Reports> {
    return (await this.#reports()).reports;
  }

  async #reports(): Promise<ReportsSeen> {
    const configMaps = await this.#listed(REPORTS);
    return configMaps === undefined
      ? { reports: whyUnread(this.#of(REPORTS).error) }
      : reportsSeen(configMaps.values());
  }

  /** Undefined where we may not list them. */
  async #listed(source: Source): Promise<ReadonlyMap<string, KubeObject> | undefined> {
    const list = this.#of(source);
    try {
      return await list.current();
    } catch (error) {
      if (error instanceof ReconcilerError && list.isUnlistable) return undefined;
      throw error;
    }
  }

  #of(source: Source): WatchedList {
    const known = this.#lists.get(source);
    if (known !== undefined) return known;
    const { keep, kind } = source;
    const selection = {
      kind,
      namespace: kind.namespaced ? this.#namespace : undefined,
      ...('labelSelector' in source && { labelSelector: source.labelSelector }),
    };
    const list = this.#open(selection, keep);
    this.#lists.set(source, list);
    return list;
  }
}

type Source = typeof REPORTS | typeof AGENTS | typeof NODES;
