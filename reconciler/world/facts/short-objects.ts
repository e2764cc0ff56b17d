import { OF_CONDITIONS } from '../../core/facts/node-facts.ts';
import { record, records } from '../../core/kube/json.ts';
import type { KubeObject } from '../../core/kube/object.ts';

// Of ten thousand nodes and agents no more is kept than decides whether a report counts, so that nothing else of them
// that moves reads as a change either.

/** A node with its labels, its conditions and the taints that do not come and go with these, and what it is. */
export function shortNode({ apiVersion, kind, metadata, spec, status }: KubeObject): KubeObject {
  const { conditions, nodeInfo } = record(status);
  const { bootID, kernelVersion, osImage, architecture } = record(nodeInfo);
  const { labels } = metadata;
  const taints = records(record(spec)['taints']).filter(({ key }) => !OF_CONDITIONS.test(String(key)));
  return {
    apiVersion,
    kind,
    metadata: { ...identity(metadata), ...(labels !== undefined && { labels }) },
    ...(taints.length > 0 && { spec: { taints } }),
    status: { conditions: ready(conditions), nodeInfo: { bootID, kernelVersion, osImage, architecture } },
  };
}

/** A pod with where it is, and how it does. */
export function shortPod({ apiVersion, kind, metadata, spec, status }: KubeObject): KubeObject {
  const { deletionTimestamp, labels } = metadata;
  const { phase, conditions } = record(status);
  return {
    apiVersion,
    kind,
    metadata: {
      ...identity(metadata),
      ...(labels !== undefined && { labels }),
      ...(deletionTimestamp !== undefined && { deletionTimestamp }),
    },
    spec: { nodeName: record(spec)['nodeName'] },
    status: { phase, conditions: ready(conditions) },
  };
}

/** A ConfigMap with what an agent left in it, and without who wrote it; of what is asked of a node no more than that it is there. */
export function shortConfigMap({ apiVersion, kind, metadata, binaryData }: KubeObject): KubeObject {
  return { apiVersion, kind, metadata: identity(metadata), binaryData };
}

function identity({ name, namespace, uid, resourceVersion }: KubeObject['metadata']): KubeObject['metadata'] {
  return {
    name,
    ...(namespace !== undefined && { namespace }),
    ...(uid !== undefined && { uid }),
    ...(resourceVersion !== undefined && { resourceVersion }),
  };
}

function ready(conditions: unknown): readonly object[] {
  return records(conditions)
    .filter(({ type }) => type === 'Ready')
    .map(({ type, status }) => ({ type, status }));
}
