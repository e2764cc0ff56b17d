import type { TolerationFacts } from '../facts/node-match.ts';
import type { Resources } from '../facts/resources.ts';
import type { Labels, LabelSelector } from './label-selector.ts';
import type { NodeTerm } from './node-terms.ts';
import type { PodTerm } from './pod-term.ts';

/** A container that the specs ask for, and that is to have a node. */
export interface Wanted {
  readonly namespace: string;
  /** Name of its pod: `demo-drive-3`, `mounts-node-a`. */
  readonly name: string;
  readonly shape: Shape;
  /** The one node that it can be on: clients are for a node, and a manifest may name one. */
  readonly node?: string;
  /** What always stands on its node with it: the proxy before S3, telemetry beside compute. */
  readonly companions: readonly Wanted[];
}

/** What containers that are alike ask of a node. All of one manifest and role share one shape. */
export interface Shape {
  /** Tells it from all others: `WekaCluster/weka/demo drive`. */
  readonly key: string;
  /** The manifest that asks, as `ownerKey` says it. */
  readonly owner: string;
  readonly namespace: string;
  /** As the label `weka.io/mode` has it. */
  readonly mode: string;
  /** Labels of the pod, which selectors of others may choose. */
  readonly labels: Labels;
  /** What the scheduler sets aside for it, on a node without and with hyper-threading. */
  readonly requests: { readonly plain: Resources; readonly threaded: Resources };
  /** Shapes of its companions: they have to fit with it. */
  readonly companions: readonly Shape[];
  readonly nodeSelector: Labels;
  /** Required node affinity besides; empty for none. */
  readonly nodeTerms: readonly NodeTerm[];
  readonly tolerations: readonly TolerationFacts[];
  /** Required affinity to pods and away from them. */
  readonly affinity: readonly PodTerm[];
  readonly antiAffinity: readonly PodTerm[];
  readonly spread: readonly Spread[];
  /** Labels whose values together name a place; containers spread over these as far as they can. */
  readonly softSpread: readonly string[];
  /** Labels whose values together name the failure domain. */
  readonly failureDomain: readonly string[];
  /** Whole drives of its own. */
  readonly drives: { readonly count: number; readonly numa?: number } | undefined;
  /** Whether it uses shared drives, whose proxy then stands on its node once. */
  readonly sharesDrives: boolean;
  readonly ports: PortChoice;
  /** Ports of the host besides, each of which its pod has to have. */
  readonly hostPorts?: readonly number[];
  readonly cores: Cores;
}

export interface Cores {
  readonly data: number;
  readonly extra: number;
  /** By number, for the manual CPU policy: no two containers of a node have one in common. */
  readonly ids: readonly number[];
}

/** A topology spread constraint that must hold. */
export interface Spread {
  readonly topologyKey: string;
  readonly maxSkew: number;
  readonly minDomains: number;
  /** Pods of its namespace that are counted. */
  readonly selector: LabelSelector | undefined;
  /** Whether nodes that its selector, or a taint, keeps it off are counted all the same. */
  readonly anyNode: boolean;
  readonly heedsTaints: boolean;
}

/** Ports of the host that a container takes. */
export type PortChoice =
  | { readonly kind: 'none' }
  /** A block out of the range of its cluster, a port of its agent, and some of the cluster's single ports. */
  | { readonly kind: 'cluster'; readonly block: boolean; readonly singles: readonly SinglePort[] }
  /** A block and a port of its agent; 0 where they are chosen out of `first` to `last`. */
  | {
      readonly kind: 'own';
      readonly port: number;
      readonly agentPort: number;
      readonly first: number;
      readonly last: number;
    };

export type SinglePort = 'lbPort' | 'lbAdminPort' | 's3Port' | 'managementProxyPort' | 'dataServicesPort';

/** The range of ports that a cluster asks for. */
export interface RangeWanted {
  readonly owner: string;
  /** 0 where it is chosen. */
  readonly first: number;
  readonly size: number;
  /** Ports of one container: 60 where its version says so (feature flag 3), else 100. */
  readonly block: 60 | 100;
  /** Those that the manifest names. */
  readonly singles: Readonly<Partial<Record<SinglePort, number>>>;
}

/** All that some manifests ask for. */
export interface Wants {
  readonly containers: readonly Wanted[];
  readonly ranges: readonly RangeWanted[];
}

/** `namespace/name`, by which a container is known. */
export function wantedKey({ namespace, name }: Pick<Wanted, 'namespace' | 'name'>): string {
  return `${namespace}/${name}`;
}
