import { repellent } from '../facts/node-match.ts';
import { most, type Resources } from '../facts/resources.ts';
import { HOSTNAME } from '../kube/hostname.ts';
import type { Allocation, Ports } from './allocation.ts';
import type { ClusterSpace } from './choose-ports.ts';
import type { PlacementInput } from './input.ts';
import { needOf } from './needs.ts';
import { NodeSeats } from './node-seats.ts';
import { type IndexedTerm, type Occupant, PodIndex } from './pod-index.ts';
import { eachOnce } from './sorted.ts';
import { type Shape, type Wanted, wantedKey } from './wanted.ts';

/** A container on its node. */
export interface Seat {
  readonly wanted: Wanted;
  readonly node: NodeSeats;
  readonly drives: readonly string[];
  readonly ports: Ports;
  /** What of the node was set aside for it. */
  readonly taken: Resources;
  readonly pods: number;
}

/** Terms of a shape, ready to be asked. */
export interface ShapeTerms {
  /** What keeps it off a place where such a pod is. */
  readonly repelledBy: readonly IndexedTerm[];
  /** One for each topology key: pods of which all its affinity speaks. */
  readonly drawnTo: readonly IndexedTerm[];
  /** Whether its affinity speaks of itself, so that the first of its kind needs no other. */
  readonly drawnToItself: boolean;
  /** Pods that each of its spread constraints counts, by node. */
  readonly counted: readonly IndexedTerm[];
}

/** Nodes with all that stands on them. Containers are seated and taken off again, and nothing else changes. */
export class Seating {
  readonly nodes: readonly NodeSeats[];
  readonly byName: ReadonlyMap<string, NodeSeats>;
  readonly index: PodIndex;
  readonly seats = new Map<string, Seat>();
  /** Of each cluster, by owner. */
  readonly spaces: ReadonlyMap<string, ClusterSpace>;
  #byHostname: ReadonlyMap<string, NodeSeats> | undefined;
  readonly #terms = new Map<string, ShapeTerms>();

  constructor(input: PlacementInput, spaces: ReadonlyMap<string, ClusterSpace>) {
    this.spaces = spaces;
    this.nodes = eachOnce(input.nodes, ({ name }) => name).map((node) => new NodeSeats(node));
    this.byName = new Map(this.nodes.map((node) => [node.name, node]));
    this.index = new PodIndex(input.namespaces ?? new Map());
  }

  /** The node of this name, or of this hostname: kubelets may be told to be called otherwise. */
  named(name: string): NodeSeats | undefined {
    this.#byHostname ??= new Map(this.nodes.map((node) => [node.labels[HOSTNAME] ?? node.name, node]));
    return this.byName.get(name) ?? this.#byHostname.get(name);
  }

  /** The terms of a shape. They are to be asked for once before pods are added. */
  terms(shape: Shape): ShapeTerms {
    const known = this.#terms.get(shape.key);
    if (known !== undefined) return known;
    const { affinity, antiAffinity, spread, namespace } = shape;
    const keys = [...new Set(affinity.map(({ topologyKey }) => topologyKey))];
    const drawnTo = keys.map((key) => this.index.of(key, ...affinity));
    const counted = spread.map(({ selector }) =>
      this.index.of(undefined, { topologyKey: '', selector, namespaces: [namespace] }),
    );
    const repelledBy = antiAffinity.map((term) => this.index.of(term.topologyKey, term));
    const self = new Set(this.index.speakingOf(shape));
    const drawnToItself = drawnTo.length > 0 && drawnTo.every((term) => self.has(term));
    const made = { repelledBy, drawnTo, drawnToItself, counted };
    this.#terms.set(shape.key, made);
    return made;
  }

  /** Puts a container on a node. `running` is what its pod takes there now. */
  seat(
    wanted: Wanted,
    node: NodeSeats,
    given: Pick<Allocation, 'drives' | 'ports'>,
    running?: Resources,
  ): Seat {
    const { shape } = wanted;
    const need = needOf(shape, node, running);
    const taken = running === undefined ? need : most(need, running);
    const pods = shape.sharesDrives && node.proxyUsers === 0 ? 2 : 1;
    const seat: Seat = { wanted, node, ...given, taken, pods };
    const key = wantedKey(wanted);
    node.take(taken, pods);
    if (shape.sharesDrives) node.proxyUsers += 1;
    node.load += 1;
    for (const serial of given.drives) node.driveOwners.set(serial, key);
    for (const id of shape.cores.ids) if (!node.coreOwners.has(id)) node.coreOwners.set(id, key);
    claimPorts(node, key, given.ports);
    for (const port of shape.hostPorts ?? []) node.ports.push({ first: port, last: port, by: key });
    this.index.add(occupant(wanted), node);
    this.seats.set(key, seat);
    return seat;
  }

  /** Takes it off again. */
  unseat({ wanted, node, drives, taken, pods }: Seat): void {
    const key = wantedKey(wanted);
    node.giveBack(taken, pods);
    if (wanted.shape.sharesDrives) node.proxyUsers -= 1;
    node.load -= 1;
    for (const serial of drives) node.driveOwners.delete(serial);
    for (const [id, owner] of node.coreOwners) if (owner === key) node.coreOwners.delete(id);
    node.releasePorts(key);
    this.index.remove(occupant(wanted), node);
    this.seats.delete(key);
  }
}

/** Writes down that someone has these ports of a node. */
export function claimPorts(
  node: NodeSeats,
  by: string,
  { base, count = 1, agent, singles = {} }: Ports,
): void {
  if (base !== undefined) node.ports.push({ first: base, last: base + count - 1, by });
  for (const port of [agent, ...Object.values(singles)]) {
    if (port !== undefined) node.ports.push({ first: port, last: port, by });
  }
}

/** The taint that keeps a shape off a node. */
export function taintFor(shape: Shape, node: NodeSeats): ReturnType<typeof repellent> {
  return repellent(node.facts, shape.tolerations);
}

function occupant({ namespace, name, shape }: Wanted): Occupant {
  return {
    key: wantedKey({ namespace, name }),
    namespace,
    labels: shape.labels,
    antiAffinity: shape.antiAffinity,
  };
}
