import { plus, type Resources } from '../../../../../reconciler/core/facts/resources.ts';
import { firstNeed } from '../../../../../reconciler/core/placement/needs.ts';
import { repelObstacles } from '../../../../../reconciler/core/placement/obstacles.ts';
import type { Seated } from '../../../../../reconciler/core/placement/place.ts';
import type { Shape, Wanted } from '../../../../../reconciler/core/placement/wanted.ts';
import type { GeneratedCluster } from './generate-cluster.ts';
import { type KubeNode, type KubePod, podOfShape, type PodChoice } from './kube-objects.ts';
import { onlyOn } from './random-nodes.ts';

type More = Pick<PodChoice, 'besides' | 'tolerations'>;

/** Pods by which the scheduler is asked about containers that were refused: with all nodes open that placement had. */
export class RefusedPods {
  readonly #cluster: GeneratedCluster;
  readonly #seated: Seated;
  /** Nodes where the proxy of shared drives runs. */
  readonly #proxied: ReadonlySet<string>;
  #names = 0;

  constructor(cluster: GeneratedCluster, seated: Seated) {
    this.#cluster = cluster;
    this.#seated = seated;
    const users = seated.seats.filter(({ node }) => node.proxyUsers > 0).map(({ node }) => node.name);
    const proxies = cluster.input.pods.filter(({ labels }) => labels['weka.io/mode'] === 'ssdproxy');
    this.#proxied = new Set([...users, ...proxies.map(({ node }) => node)]);
  }

  /** Nodes that a container may be on by what its manifest says of a single one. */
  candidates({ node }: Wanted): readonly KubeNode[] {
    if (node === undefined) return this.#cluster.nodes;
    return this.#cluster.nodes.filter(
      ({ metadata }) => metadata.name === node || metadata.labels['kubernetes.io/hostname'] === node,
    );
  }

  /** What a container and all that comes with it need on a node. */
  need(shape: Shape, nodeName: string): Resources {
    const node = this.#cluster.input.nodes.find(({ name }) => name === nodeName);
    if (node === undefined) throw new Error(`There is no ${nodeName}.`);
    const brings = shape.sharesDrives && !this.#proxied.has(nodeName);
    return firstNeed({ ...shape, sharesDrives: brings }, node);
  }

  /** One pod that needs what all of them need on this node. */
  whole(wanted: Wanted, nodeName: string, more: More = {}): KubePod {
    return this.#pod(wanted, this.need(wanted.shape, nodeName), more);
  }

  /** The same on a node of which no more is known than its room: it has no shared drives and no hyper-threading. */
  onFurtherNode(wanted: Wanted, more: More): KubePod {
    const { requests, companions } = wanted.shape;
    const need = companions.reduce((sum, each) => plus(sum, each.requests.plain), requests.plain);
    return this.#pod(wanted, need, more);
  }

  /** A companion that others must not be near on this node, while its host may be there; undefined for none. */
  repelledCompanion({ shape }: Wanted, nodeName: string): Shape | undefined {
    const { seating } = this.#seated;
    const node = seating.byName.get(nodeName);
    const isRepelled = (each: Shape) =>
      node !== undefined && !repelObstacles({ ...each, companions: [] }, node, seating).next().done;
    return isRepelled(shape) ? undefined : shape.companions.find(isRepelled);
  }

  /** The pod of a companion, before its host is there. */
  companion(wanted: Wanted, companion: Shape, more: More): KubePod {
    return this.#pod({ ...wanted, shape: { ...companion, affinity: [] } }, companion.requests.plain, more);
  }

  /** What holds a pod to a node without a word on that in its affinity. */
  only(nodeName: string): Readonly<Record<string, string>> {
    return { [onlyOn(this.#cluster.nodes.findIndex(({ metadata }) => metadata.name === nodeName))]: '1' };
  }

  /** A name that no pod of the cluster had before. */
  fresh({ namespace, name }: Wanted): { readonly namespace: string; readonly name: string } {
    return { namespace, name: `${name}-${++this.#names}` };
  }

  #pod(wanted: Wanted, need: Resources, { besides, tolerations = [] }: More): KubePod {
    const shape = { ...wanted.shape, requests: { plain: need, threaded: need } };
    const [its] = this.candidates(wanted);
    return podOfShape(shape, {
      ...this.fresh(wanted),
      cluster: this.#cluster.id,
      hyperThreading: false,
      tolerations,
      // Only a node that does not exist is named by its hostname.
      ...(wanted.node !== undefined && its === undefined && { hostname: wanted.node }),
      besides: { ...(wanted.node !== undefined && its && this.only(its.metadata.name)), ...besides },
    });
  }
}
