import { ALLOCATION } from '../facts/pod-facts.ts';
import { HOSTNAME } from '../kube/hostname.ts';
import { record, records } from '../kube/json.ts';
import type { KubeObject } from '../kube/object.ts';
import { hostnameOf, parseAllocation } from '../placement/allocation.ts';
import { REQUIRED } from './node-affinity.ts';

/** A pod as its manifest asks for it, whichever node was chosen for it: nodes come and go. */
export function withoutPlace(object: KubeObject): KubeObject {
  const { [ALLOCATION]: text, ...annotations } = object.metadata.annotations ?? {};
  const allocation = parseAllocation(text);
  if (allocation === undefined) return object;
  const pin = hostnameOf(allocation);
  const spec = record(object['spec']);
  const affinity = record(spec['affinity']);
  const nodeAffinity = record(affinity['nodeAffinity']);
  const nodeSelectorTerms = records(record(nodeAffinity[REQUIRED])['nodeSelectorTerms']).map((term) => ({
    ...term,
    matchExpressions: records(term['matchExpressions']).filter((each) => !isPin(each, pin)),
  }));
  const open = { ...affinity, nodeAffinity: { ...nodeAffinity, [REQUIRED]: { nodeSelectorTerms } } };
  return {
    ...object,
    metadata: { ...object.metadata, annotations },
    spec: { ...spec, affinity: open },
  };
}

function isPin({ key, operator, values }: Readonly<Record<string, unknown>>, pin: string): boolean {
  return key === HOSTNAME && operator === 'In' && Array.isArray(values) && values.join() === pin;
}
