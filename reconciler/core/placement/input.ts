import type { NodeFacts } from '../facts/node-facts.ts';
import type { PodFacts } from '../facts/pod-facts.ts';
import type { Holding } from './allocation.ts';
import type { NamespaceLabels } from './pod-term.ts';
import type { Wants } from './wanted.ts';

/** All that decides where containers stand. */
export interface PlacementInput {
  readonly wants: Wants;
  readonly nodes: readonly PlacementNode[];
  readonly pods: readonly PodFacts[];
  /** What containers have now; `holdingsOf` reads it from their pods. */
  readonly holdings: readonly Holding[];
  readonly namespaces?: NamespaceLabels;
  /** Where the ranges of clusters begin that name no port; 35000 unless told otherwise. */
  readonly firstPort?: number;
}

/** A node, and what more may be known of it. */
export interface PlacementNode extends NodeFacts {
  /** What is known of drives beyond their serials. */
  readonly driveDetails?: readonly DriveFacts[];
}

export interface DriveFacts {
  readonly serial: string;
  readonly capacityGiB?: number;
  readonly type?: 'TLC' | 'QLC';
  /** Region of memory and cores that it is attached to. */
  readonly numa?: number;
}
