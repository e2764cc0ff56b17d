import type { GroupKind, KubeObject } from '../core/kube/object.ts';
import { roleOf } from './account.ts';
import { kindsHeld, rulesToKeep } from './kinds-held.ts';
import { core, READ, type Rule } from './rules.ts';

/** What the reconciler is allowed in every namespace, where its configuration does not name those that specs may name. */
export function rulesEverywhere(kinds: readonly GroupKind[] = []): readonly Rule[] {
  return [...rulesToKeep(kindsHeld(kinds)), NODES];
}

/**
 * Where pods of WEKA can stand is found out from nodes, against which reports of agents are held. Policies that distribute drivers label
 * them. No node is ever made or removed.
 */
export const NODES: Rule = core(['nodes'], [...READ, 'patch']);

/** All of it in one role, and the lease, for who gives rights by hand. */
export function clusterRole(name = 'weka-gitops'): KubeObject {
  const leases = ['get', 'create', 'update'];
  return roleOf(name, [
    ...rulesEverywhere(),
    { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: leases },
  ]);
}
