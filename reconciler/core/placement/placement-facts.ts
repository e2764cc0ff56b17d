import type { Facts } from '../facts/facts.ts';
import type { KubeObject } from '../kube/object.ts';
import type { NamespaceLabels } from './pod-term.ts';

/** What the cluster says of itself that decides where pods can stand. */
export interface PlacementFacts extends Pick<Facts, 'nodes' | 'pods'> {
  readonly namespaces: NamespaceLabels;
  /** Volumes and their classes, where these were asked for. */
  readonly volumes?: readonly KubeObject[];
  readonly classes?: readonly KubeObject[];
}

/** Volumes that there are, and classes that they may be of. */
export type StorageFacts = Required<Pick<PlacementFacts, 'volumes' | 'classes'>>;
