import type { Taint } from '../facts/node-facts.ts';
import type { Resources } from '../facts/resources.ts';
import type { Allocation } from './allocation.ts';
import type { WhyLeft } from './give-back.ts';
import type { Labels } from './label-selector.ts';
import type { Reason, WholeReason } from './reason.ts';
import type { Cores } from './wanted.ts';

/** Where all containers stand, and why some stand nowhere. Lists are in the order of namespaces and names. */
export interface PlacementResult {
  readonly placements: readonly Placement[];
  readonly refusals: readonly Refusal[];
  /** Containers that stay where they are although something is missing there. */
  readonly shortfalls: readonly Shortfall[];
}

interface Named {
  readonly namespace: string;
  readonly name: string;
  /** The manifest that asks for it: `WekaCluster/weka/demo`. */
  readonly owner: string;
  readonly mode: string;
}

/** A container, its node, and what it has there. */
export interface Placement extends Named {
  readonly allocation: Allocation;
  readonly cores: Cores;
  /** `moved`: the node that it had is gone, or all its drives are, or does not take it back. */
  readonly how: 'kept' | 'new' | 'moved';
  /** The node that one whose pod is gone had, and why it does not go back there. */
  readonly from?: { readonly node: string; readonly why: WhyLeft };
}

/** A container that stands nowhere. */
export interface Refusal extends Named {
  /** The one reason that each node has, or why no node was looked at. */
  readonly why: WholeReason | { readonly kind: 'nodes'; readonly nodes: readonly NodeRefusal[] };
  readonly change: SmallestChange;
  /** Containers that were placed in the same go and have the room that its kind would take if it came first. */
  readonly takenBy: readonly string[];
  /**
   * Whether it is certain that not all of its kind fit beside what stays, however the others are placed. Where it is
   * not, containers are placed one after another and not tried in every order, so that another way may exist.
   */
  readonly proved: boolean;
}

export interface NodeRefusal {
  readonly node: string;
  /** The most telling one. */
  readonly reason: Reason;
}

/** What would let a container fit: the one thing that is missing on a node, and a further node. */
export interface SmallestChange {
  readonly onNode?: NodeChange;
  /** Undefined where no other node would do. */
  readonly newNode?: {
    readonly labels: Labels;
    /** Labels for which it must have a value that no node has yet. */
    readonly newPlaces?: readonly string[];
    readonly room: Resources;
  };
}

export type NodeChange =
  | { readonly kind: 'room'; readonly node: string; readonly more: Resources }
  | { readonly kind: 'drives'; readonly node: string; readonly more: number; readonly numa?: number }
  | { readonly kind: 'pods'; readonly node: string; readonly more: number }
  | { readonly kind: 'service'; readonly node: string; readonly why: string }
  | { readonly kind: 'hostname'; readonly node: string }
  | { readonly kind: 'labels'; readonly node: string; readonly labels: Labels }
  | { readonly kind: 'taint'; readonly node: string; readonly taint: Taint };

/** What a container that stays lacks. */
export interface Shortfall extends Named {
  readonly node: string;
  /** Of the node, for what it shall have. */
  readonly lacking: Resources;
  /** Drives that it shall have and for which there are none. */
  readonly missingDrives: number;
  /** Whether it has not got all ports that it shall have. */
  readonly missingPorts: boolean;
}
