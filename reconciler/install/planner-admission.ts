import type { KubeObject } from '../core/kube/object.ts';
import type { Account } from './account.ts';

/**
 * The admission policy that refuses every write of the planner's account which is no dry run, and its binding. Rights alone cannot
 * tell the two apart: trying a write takes the right to make it.
 */
export function plannerAdmission(
  { namespace, serviceAccount }: Account,
  name = 'weka-gitops-planner',
): readonly [policy: KubeObject, binding: KubeObject] {
  const apiVersion = 'admissionregistration.k8s.io/v1';
  const everything = { apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*/*'] };
  // Questions about its own name and rights are asked by creating what nobody keeps.
  const questions = {
    ...everything,
    apiGroups: ['authorization.k8s.io', 'authentication.k8s.io'],
    resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews', 'selfsubjectreviews'],
  };
  const account = `system:serviceaccount:${namespace}:${serviceAccount}`;
  return [
    {
      apiVersion,
      kind: 'ValidatingAdmissionPolicy',
      metadata: { name },
      spec: {
        // Where it cannot be judged, it is refused.
        failurePolicy: 'Fail',
        matchConstraints: { resourceRules: [everything], excludeResourceRules: [questions] },
        matchConditions: [{ name: 'planner', expression: `request.userInfo.username == '${account}'` }],
        validations: [
          {
            expression: "has(request.dryRun) && request.dryRun && request.operation in ['CREATE', 'UPDATE']",
            message: 'The planner of pull requests may only try what it shows, and never write.',
            reason: 'Forbidden',
          },
        ],
      },
    },
    {
      apiVersion,
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata: { name },
      spec: { policyName: name, validationActions: ['Deny'] },
    },
  ];
}
