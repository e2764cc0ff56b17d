import { type KubeObject, objectId, type ObjectId } from '../core/kube/object.ts';
import { bound, roleOf, serviceAccount } from './account.ts';
import { driverPodsAdmission } from './driver-pods-admission.ts';
import type { InstallationNames } from './installation-names.ts';
import { nodeAgentAdmission } from './node-agent-admission.ts';
import { nodeLabelsAdmission } from './node-labels-admission.ts';
import { plannerAdmission } from './planner-admission.ts';

/** What tells which objects an installation is made of. */
export interface OwnScope {
  readonly names: InstallationNames;
  readonly namespaces?: readonly string[] | undefined;
}

/**
 * The objects of an installation that may come from the repository which it reads, if its configuration allows that: all but the
 * configuration itself, which says what the repository may do, and what is shared with others.
 */
export function ownObjects(scope: OwnScope): readonly KubeObject[] {
  const { names } = scope;
  const { reconciler, planner, agent, namespace, agentNamespace } = names;
  const processes = [reconciler, planner].map((account) => account.serviceAccount);
  const inSystem = (apiVersion: string, kind: string, name: string) =>
    named(apiVersion, kind, name, namespace);
  return [
    named('v1', 'Namespace', namespace),
    named('v1', 'Namespace', agentNamespace),
    named('scheduling.k8s.io/v1', 'PriorityClass', names.priorityClass),
    ...nodeAgentAdmission({ agent, reconciler }, names.agentPolicy),
    ...nodeLabelsAdmission(reconciler, names.nodesPolicy),
    ...driverPodsAdmission(reconciler, names.podsPolicy, names),
    ...plannerAdmission(planner, planner.serviceAccount),
    ...[reconciler, planner, agent].map(serviceAccount),
    ...ownRoles(scope).flatMap((role) => bound([role], reconciler)),
    ...processes.flatMap((name) => [
      inSystem('v1', 'Service', name),
      inSystem('apps/v1', 'Deployment', name),
    ]),
    inSystem('batch/v1', 'CronJob', reconciler.serviceAccount),
    named('apps/v1', 'DaemonSet', agent.serviceAccount, agentNamespace),
  ];
}

/** Their ids, sorted. */
export function ownObjectIds(scope: OwnScope): readonly ObjectId[] {
  return ownObjects(scope).map(objectId).toSorted();
}

/** What the roles are called that let the reconciler bring itself up to date. */
export function selfRoleName({ serviceAccount: name }: InstallationNames['reconciler']): string {
  return `${name}-itself`;
}

/** The roles by name and place; what they allow does not matter here. */
function ownRoles({ names, namespaces = [] }: OwnScope): readonly KubeObject[] {
  const { reconciler, planner, agent, namespace, agentNamespace } = names;
  const ofProcesses = [reconciler, planner].flatMap((account) => [
    account.serviceAccount,
    selfRoleName(account),
  ]);
  const places = [undefined, namespace, agentNamespace, ...namespaces];
  return [
    ...places.flatMap((place) => ofProcesses.map((name) => roleOf(name, [], place))),
    roleOf(agent.serviceAccount, [], agentNamespace),
  ];
}

function named(apiVersion: string, kind: string, name: string, namespace?: string): KubeObject {
  return { apiVersion, kind, metadata: { name, ...(namespace === undefined ? {} : { namespace }) } };
}
