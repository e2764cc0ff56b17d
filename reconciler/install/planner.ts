import type { KubeObject } from '../core/kube/object.ts';
import { type Account, bound, serviceAccount } from './account.ts';
import { plannerAdmission } from './planner-admission.ts';
import { plannerRole, plannerSecretsRole } from './planner-role.ts';

export interface PlannerOptions extends Account {
  /** Namespaces whose Secrets a plan may compare. */
  readonly secretsIn?: readonly string[];
  /** What all of it is called that is not in a namespace. */
  readonly name?: string;
}

/**
 * All that the planner of pull requests needs in a cluster, in the order in which it is applied: the policy that keeps the account from
 * writing comes before the rights.
 */
export function planner({
  secretsIn = [],
  name = 'weka-gitops-planner',
  ...account
}: PlannerOptions): readonly KubeObject[] {
  const roles = [plannerRole(name), ...secretsIn.map((namespace) => plannerSecretsRole(namespace, name))];
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: account.namespace } },
    serviceAccount(account),
    ...plannerAdmission(account, name),
    ...bound(roles, account),
  ];
}
