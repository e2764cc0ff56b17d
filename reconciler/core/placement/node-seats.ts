import type { NodeFacts } from '../facts/node-facts.ts';
import { minus, plus, type Resources } from '../facts/resources.ts';
import type { DriveFacts, PlacementNode } from './input.ts';

/** Ports of a node that something has. */
export interface Span {
  readonly first: number;
  readonly last: number;
  readonly by: string;
}

/** What is left of a node while containers are put on it, and taken off again. */
export class NodeSeats {
  readonly facts: PlacementNode;
  readonly name: string;
  readonly labels: NodeFacts['labels'];
  /** Its signed drives that are not blocked, by serial; undefined where nobody says which there are. */
  readonly drives: ReadonlyMap<string, DriveFacts> | undefined;
  readonly driveOwners = new Map<string, string>();
  readonly coreOwners = new Map<number, string>();
  readonly ports: Span[] = [];
  /** A pod that has drives and does not say which: none of this node can be given away safely. */
  unnamedDrives: string | undefined;
  /** Pods that its kubelet takes. */
  readonly maxPods: number;
  free: Resources;
  freePods: number;
  /** Containers of WEKA on it, and those that can be on no other node. */
  load = 0;
  /** Containers that use the proxy of shared drives, which the first brings along. */
  proxyUsers = 0;

  constructor(facts: PlacementNode) {
    this.facts = facts;
    this.name = facts.name;
    this.labels = facts.labels;
    this.free = facts.allocatable;
    this.maxPods = facts.maxPods ?? DEFAULT_PODS;
    this.freePods = this.maxPods;
    const { drives, blocked } = facts.annotations;
    const details = new Map(facts.driveDetails?.map((each) => [each.serial, each]));
    this.drives =
      drives &&
      new Map(
        drives
          .filter((each) => !blocked.has(each))
          .map((serial) => [serial, details.get(serial) ?? { serial }]),
      );
  }

  take(amount: Resources, pods: number): void {
    this.free = minus(this.free, amount);
    this.freePods -= pods;
  }

  giveBack(amount: Resources, pods: number): void {
    this.free = plus(this.free, amount);
    this.freePods += pods;
  }

  /** Who has any of these ports. */
  portOwner(first: number, last: number): string | undefined {
    return this.ports.find((span) => span.first <= last && first <= span.last)?.by;
  }

  /** Ports of one owner are free again. */
  releasePorts(by: string): void {
    for (let at = this.ports.length - 1; at >= 0; at--)
      if (this.ports[at]?.by === by) this.ports.splice(at, 1);
  }

  /** Drives that nobody has. */
  freeDrives(): readonly DriveFacts[] {
    if (this.drives === undefined || this.unnamedDrives !== undefined) return [];
    return [...this.drives.values()].filter(({ serial }) => !this.driveOwners.has(serial));
  }
}

/** What a kubelet takes where nothing else is said. */
const DEFAULT_PODS = 110;
