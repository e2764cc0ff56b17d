import { brakeNames } from '../core/plan/brake.ts';
import type { Kind } from '../core/kube/kinds.ts';
import type { GroupKind, KubeObject } from '../core/kube/object.ts';
import { type Account, bound, roleOf } from './account.ts';
import { NODES, rulesEverywhere } from './cluster-role.ts';
import { driverNames } from './installation-names.ts';
import { kindsHeld, rulesToKeep } from './kinds-held.ts';
import { core, READ, type Rule, WRITE } from './rules.ts';

export interface ReconcilerRights {
  readonly account: Account;
  /** The only namespaces that specs may name, if the configuration says so; all where unset. */
  readonly namespaces?: readonly string[] | undefined;
  /** Kinds beyond the default allow-list that the configuration opens. */
  readonly kinds?: readonly GroupKind[] | undefined;
  /** Where the node agents are. */
  readonly agentNamespace: string;
  /** Name of the installation: of its record, its lease and its roles. */
  readonly name: string;
}

/**
 * All that the account of the reconciler is allowed, unattended or not: the roles, each followed by its binding. Where specs may
 * name some namespaces only, it has no right to write in any other.
 */
export function reconcilerRights({
  account,
  namespaces,
  kinds = [],
  agentNamespace,
  name,
}: ReconcilerRights): readonly KubeObject[] {
  const held = kindsHeld(kinds);
  const inNamespaces = rulesToKeep(held.filter(({ namespaced }) => namespaced));
  const roles =
    namespaces === undefined
      ? [roleOf(name, rulesEverywhere(kinds))]
      : [
          roleOf(name, clusterRules(held, namespaces)),
          ...namespaces.toSorted().map((namespace) => roleOf(name, inNamespaces, namespace)),
        ];
  return bound(
    [
      ...roles,
      roleOf(name, ownRules(name), account.namespace),
      // What it asks of nodes, what their agents answer, and whether these do their work.
      roleOf(
        name,
        [core(['configmaps'], [...READ, ...WRITE, 'delete']), core(['pods'], READ)],
        agentNamespace,
      ),
    ],
    account,
  );
}

/** What is in no namespace, and what is read in all of them. */
function clusterRules(held: readonly Kind[], namespaces: readonly string[]): readonly Rule[] {
  const others = held.filter(({ namespaced, kind }) => !namespaced && kind !== 'Namespace');
  return [
    ...rulesToKeep(others),
    core(['namespaces'], READ),
    // Server-side apply says the name of what it makes, so that rights can be for names.
    ...(namespaces.length === 0 ? [] : [core(['namespaces'], WRITE, namespaces.toSorted())]),
    NODES,
    // Where pods of WEKA can stand is found out from all pods, which are not watched.
    core(['pods'], ['list']),
  ];
}

/**
 * What it keeps for itself: its record, which packages of drivers it trusts, the authority that it issues certificates by, the brake, and
 * the lease, whose name is not asked when it is made.
 */
function ownRules(name: string): readonly Rule[] {
  const { suspend, freeze } = brakeNames(name);
  const { lock, authority } = driverNames(name);
  const leases = { apiGroups: ['coordination.k8s.io'], resources: ['leases'] };
  return [
    core(['configmaps'], [...READ, ...WRITE], [name, lock]),
    core(['secrets'], ['get', ...WRITE], [authority]),
    core(['configmaps'], READ, [suspend, freeze]),
    { ...leases, resourceNames: [name], verbs: ['get', 'update'] },
    { ...leases, verbs: ['create'] },
  ];
}
