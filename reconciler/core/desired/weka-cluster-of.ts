import type { KubeObject } from '../kube/object.ts';
import { anchoredCluster } from './anchor.ts';

/** The operator's label on what belongs to a cluster; dashboards and `kubectl weka` read it. */
const CLUSTER_NAME = 'weka.io/cluster-name';

/** The WEKA cluster that `object` is part of, as `namespace/name`, or `name` for a cluster-wide object; undefined for others. */
export function wekaClusterOf(object: KubeObject): string | undefined {
  const { labels, namespace } = object.metadata;
  const name = labels?.[CLUSTER_NAME] ?? anchoredCluster(object);
  if (name === undefined || name === '') return undefined;
  return namespace === undefined ? name : `${namespace}/${name}`;
}
