import { ALLOCATION } from '../facts/pod-facts.ts';
import { HOSTNAME } from '../kube/hostname.ts';
import { record, records } from '../kube/json.ts';
import type { KubeObject } from '../kube/object.ts';
import { hostnameOf, parseAllocation } from '../placement/allocation.ts';
import { lastApplied } from '../plan/applied-fields.ts';
import { REQUIRED } from './node-affinity.ts';
import type { PodPlacement } from './pod-placement.ts';

const PATH = [{ field: 'metadata' }, { field: 'annotations' }, { field: ALLOCATION }];

const MEND = 'delete it by hand when it has no work, and it is placed anew';

/**
 * Where a live pod was placed, by what is written on it. Undefined for one that was made before pods were placed, which
 * stays as it was made. What is written was made together with the pin of its node, so that one that speaks against the
 * other, or is gone or damaged, was changed since, and nothing is concluded from it.
 */
export function heldPlacement(pod: KubeObject): PodPlacement | undefined {
  const text = pod.metadata.annotations?.[ALLOCATION];
  const { nodeName, affinity } = record(pod['spec']);
  const pin = pinOf(affinity);
  const unknown = (what: string): PodPlacement => ({
    how: 'unknown',
    why: `Its annotation ${ALLOCATION} ${what}: ${MEND}`,
  });
  if (text === undefined) {
    return lastApplied(pod).field(PATH) ? unknown('is gone, which says where it was placed') : undefined;
  }
  const allocation = parseAllocation(text);
  if (allocation === undefined) return unknown('is damaged, so that nobody knows what it has on its node');
  const { node } = allocation;
  const isElsewhere = typeof nodeName === 'string' && nodeName !== '' && nodeName !== node;
  if (isElsewhere) return unknown(`says that it is on ${node}, and it is on ${nodeName}`);
  if (pin !== hostnameOf(allocation)) {
    return unknown(`says that it belongs on ${node}, and it is pinned to ${pin ?? 'no node'}`);
  }
  return { how: 'kept', allocation };
}

/** The hostname that each alternative of a node affinity asks for; undefined where they do not agree on one. */
function pinOf(affinity: unknown): string | undefined {
  const terms = records(record(record(record(affinity)['nodeAffinity'])[REQUIRED])['nodeSelectorTerms']);
  const pins = new Set(
    terms.filter((term) => Object.keys(term).length > 0).map((term) => hostnameIn(term['matchExpressions'])),
  );
  const [pin] = pins;
  return pins.size === 1 ? pin : undefined;
}

/** Ours come first, and a manifest may speak of hostnames too. */
function hostnameIn(expressions: unknown): string | undefined {
  const pin = records(expressions).find(
    ({ key, operator, values }) =>
      key === HOSTNAME && operator === 'In' && Array.isArray(values) && values.length === 1,
  );
  const [hostname] = (pin?.['values'] ?? []) as readonly unknown[];
  return typeof hostname === 'string' ? hostname : undefined;
}
