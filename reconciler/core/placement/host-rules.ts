import { HOSTNAME } from '../kube/hostname.ts';
import type { PodTerm } from './pod-term.ts';
import type { LabelSelector } from './label-selector.ts';

/** Of these one node has a single one, whatever cluster they are of (weka-operator §2.4). */
export const EXCLUSIVE_MODES: readonly string[] = ['client', 's3', 'nfs'];

/** Pods of one mode of a cluster. */
export function clusterPods(
  cluster: { readonly namespace: string; readonly name: string },
  mode: string,
): { readonly namespace: string; readonly selector: LabelSelector } {
  const matchLabels = { 'weka.io/cluster-name': cluster.name, 'weka.io/mode': mode };
  return { namespace: cluster.namespace, selector: { matchLabels } };
}

const BESIDE_PROTOCOLS: PodTerm = {
  topologyKey: HOSTNAME,
  selector: { matchExpressions: [{ key: 'weka.io/mode', operator: 'In', values: EXCLUSIVE_MODES }] },
  namespaces: [],
  namespaceSelector: {},
};

/** The term that means the node itself, and on it these pods; or clients, S3 and NFS of every namespace. */
export function sameHost(pods: ReturnType<typeof clusterPods> | 'protocols'): PodTerm {
  if (pods === 'protocols') return BESIDE_PROTOCOLS;
  return { topologyKey: HOSTNAME, selector: pods.selector, namespaces: [pods.namespace] };
}

/** Whether what has these terms keeps away from clients, S3 and NFS. */
export function isExclusive({ antiAffinity }: { readonly antiAffinity: readonly PodTerm[] }): boolean {
  return antiAffinity.includes(BESIDE_PROTOCOLS);
}
