import type { KubeObject } from '../core/kube/object.ts';
import type { Account } from './account.ts';
import { admissionPolicy } from './admission-policy.ts';
import { matching } from './admission-rules.ts';

/** Who makes the pods of a DaemonSet; the second where all controllers of a cluster share an account. */
const DAEMON_SET_CONTROLLERS = [
  'system:serviceaccount:kube-system:daemon-set-controller',
  'system:kube-controller-manager',
];

/**
 * The admission policy over what runs in the namespace of the agents, where privileged pods may: the right to write in every namespace, as the role
 * `edit` has it, would else be enough to run such a pod, to enter that of an agent, or to have its token, which writes the report of
 * its node. Whoever may change the policy may do all of it.
 */
export function agentPodsAdmission(agent: Account, name: string): readonly KubeObject[] {
  const users = DAEMON_SET_CONTROLLERS.map((user) => `'${user}'`).join(', ');
  const isPod = "request.resource.resource == 'pods' && !has(request.subResource)";
  const isToken = "has(request.subResource) && request.subResource == 'token'";
  return admissionPolicy(name, {
    matchConstraints: matching({
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': agent.namespace } },
      resourceRules: [
        rule('', ['CREATE', 'UPDATE'], ['pods']),
        rule('', ['UPDATE'], ['pods/ephemeralcontainers']),
        rule('', ['CONNECT'], ['pods/attach', 'pods/exec']),
        rule('', ['CREATE'], ['serviceaccounts/token']),
        rule('apps', ['CREATE', 'UPDATE'], ['daemonsets']),
      ],
    }),
    variables: [
      {
        name: 'isKeeper',
        expression: `authorizer.group('admissionregistration.k8s.io').resource('validatingadmissionpolicies').name('${name}').check('patch').allowed()`,
      },
      {
        name: 'isOfAgents',
        expression: `request.userInfo.username in [${users}] && has(object.metadata.ownerReferences) && object.metadata.ownerReferences.exists(owner, owner.apiVersion == 'apps/v1' && owner.kind == 'DaemonSet' && owner.name == '${agent.serviceAccount}' && has(owner.controller) && owner.controller)`,
      },
    ],
    validations: [
      {
        expression: `!(${isPod} && request.operation == 'CREATE') || variables.isOfAgents || variables.isKeeper`,
        message:
          'The pods of the node agents are made by their DaemonSet, and no others are in this namespace.',
      },
      {
        expression: `!(${isPod} && request.operation == 'UPDATE') || object.spec == oldObject.spec || variables.isKeeper`,
        message: 'What runs in the pods of the node agents is not changed.',
      },
      {
        expression: `!has(request.subResource) || ${isToken} || variables.isKeeper`,
        message: 'The pods of the node agents are not entered.',
      },
      {
        expression: `!(${isToken}) || (has(request.userInfo.groups) && 'system:nodes' in request.userInfo.groups) || variables.isKeeper`,
        message: 'Only nodes get tokens for the pods of the node agents.',
      },
      {
        // To try it makes nothing.
        expression: `request.resource.resource != 'daemonsets' || (has(request.dryRun) && request.dryRun) || (oldObject != null && object.spec == oldObject.spec) || variables.isKeeper`,
        message: 'The DaemonSet of the node agents is written by who installs it.',
      },
    ],
  });
}

function rule(group: string, operations: readonly string[], resources: readonly string[]) {
  return { apiGroups: [group], apiVersions: ['*'], operations, resources, scope: '*' };
}
