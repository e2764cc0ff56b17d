import { podScheduling } from '../../../../../reconciler/core/placement/pod-scheduling.ts';
import type { Shape } from '../../../../../reconciler/core/placement/wanted.ts';

/** A Node as the API server takes it. */
export interface KubeNode {
  readonly apiVersion: 'v1';
  readonly kind: 'Node';
  readonly metadata: {
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  };
  readonly spec: { readonly unschedulable?: boolean; readonly taints: readonly KubeTaint[] };
  readonly status: {
    readonly capacity: Readonly<Record<string, string>>;
    readonly allocatable: Readonly<Record<string, string>>;
    readonly conditions: readonly { readonly type: string; readonly status: string }[];
  };
}

export interface KubeTaint {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
}

/** A Pod as the API server takes it. */
export interface KubePod {
  readonly apiVersion: 'v1';
  readonly kind: 'Pod';
  readonly metadata: {
    readonly namespace: string;
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly finalizers?: readonly string[];
    /** Never sent: it is what the API server adds when such a pod is deleted. */
    readonly deletionTimestamp?: string;
  };
  readonly spec: Readonly<Record<string, unknown>>;
  readonly status?: { readonly phase: string };
}

/** Label of all nodes of one generated cluster. */
export const CLUSTER_LABEL = 'proof.example/cluster';

export interface PodChoice {
  readonly namespace: string;
  readonly name: string;
  /** The generated cluster, whose nodes alone it may be on. */
  readonly cluster: string;
  readonly hyperThreading: boolean;
  /** Pins it as placement pins pods. */
  readonly hostname?: string;
  /** Requests besides, which only some nodes can fulfil. */
  readonly besides?: Readonly<Record<string, string>>;
  readonly tolerations?: readonly object[];
  readonly annotations?: Readonly<Record<string, string>>;
  /** The node it is on, without asking the scheduler. */
  readonly nodeName?: string;
}

/** The pod of a container of this shape, just as placement shapes it. */
export function podOfShape(shape: Shape, choice: PodChoice): KubePod {
  const { hyperThreading, hostname, besides, nodeName } = choice;
  const scheduling = podScheduling(shape, {
    hyperThreading,
    ...(hostname !== undefined && { hostname }),
  });
  const requests = { ...scheduling.requests, ...besides };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      namespace: choice.namespace,
      name: choice.name,
      labels: scheduling.labels,
      ...(choice.annotations && { annotations: choice.annotations }),
    },
    spec: {
      containers: [{ name: 'weka', image: 'weka', resources: { requests, limits: requests } }],
      nodeSelector: { [CLUSTER_LABEL]: choice.cluster },
      affinity: scheduling.affinity,
      tolerations: [...scheduling.tolerations, ...(choice.tolerations ?? [])],
      topologySpreadConstraints: scheduling.topologySpreadConstraints,
      terminationGracePeriodSeconds: 0,
      ...(nodeName !== undefined && { nodeName }),
    },
  };
}
