import { brakeNames } from '../core/plan/brake.ts';
import type { KubeObject } from '../core/kube/object.ts';
import { bound, roleOf } from './account.ts';
import { driverNames } from './installation-names.ts';
import { kindsHeld } from './kinds-held.ts';
import { plannerRole, rulesToTry } from './planner-role.ts';
import type { ReconcilerRights } from './reconciler-rights.ts';
import { core, READ, type Rule, WRITE } from './rules.ts';

export interface PlannerRights extends ReconcilerRights {
  /** What the roles of the planner are called; `name` is the installation whose plans it makes. */
  readonly roleName: string;
}

/**
 * All that the account of the planner is allowed: the roles, each followed by its binding. They hold only together with
 * `plannerAdmission`, which makes of every write a trial.
 */
export function plannerRights(rights: PlannerRights): readonly KubeObject[] {
  const { account, namespaces, kinds, agentNamespace, name, roleName } = rights;
  if (namespaces === undefined) return bound([plannerRole(roleName, kinds)], account);
  const held = kindsHeld(kinds);
  const inNamespaces = rulesToTry(held.filter(({ namespaced }) => namespaced));
  const { suspend, freeze } = brakeNames(name);
  return bound(
    [
      roleOf(roleName, clusterRules(rights, namespaces)),
      ...namespaces.toSorted().map((namespace) => roleOf(roleName, inNamespaces, namespace)),
      roleOf(
        roleName,
        [core(['configmaps'], READ, [name, driverNames(name).lock, suspend, freeze])],
        account.namespace,
      ),
      roleOf(roleName, [core(['configmaps'], READ)], agentNamespace),
    ],
    account,
  );
}

function clusterRules({ kinds }: PlannerRights, namespaces: readonly string[]): readonly Rule[] {
  const others = kindsHeld(kinds).filter(({ namespaced, kind }) => !namespaced && kind !== 'Namespace');
  return [
    ...rulesToTry(others),
    core(['namespaces'], READ),
    ...(namespaces.length === 0 ? [] : [core(['namespaces'], WRITE, namespaces.toSorted())]),
    core(['nodes'], ['get', 'list']),
    core(['pods'], ['list']),
  ];
}
