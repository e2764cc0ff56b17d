import type { KubeObject } from '../core/kube/object.ts';
import { type Account, userName } from './account.ts';
import { EVERYTHING, matching, QUESTIONS } from './admission-rules.ts';

/**
 * The admission policy that refuses every write of the planner's account which is no dry run, and its binding. Rights alone cannot
 * tell the two apart: trying a write takes the right to make it.
 */
export function plannerAdmission(
  account: Account,
  name = 'weka-gitops-planner',
): readonly [policy: KubeObject, binding: KubeObject] {
  const apiVersion = 'admissionregistration.k8s.io/v1';
  return [
    {
      apiVersion,
      kind: 'ValidatingAdmissionPolicy',
      metadata: { name },
      spec: {
        // Where it cannot be judged, it is refused.
        failurePolicy: 'Fail',
        matchConstraints: matching({ resourceRules: [EVERYTHING], excludeResourceRules: [QUESTIONS] }),
        matchConditions: [
          { name: 'planner', expression: `request.userInfo.username == '${userName(account)}'` },
        ],
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
