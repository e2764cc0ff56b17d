import type { KubeObject } from '../core/kube/object.ts';
import { DRIVER_WORK } from '../core/drivers/work-annotation.ts';
import { type Account, userName } from './account.ts';
import { admissionPolicy } from './admission-policy.ts';
import { matching } from './admission-rules.ts';

/**
 * The admission policy over which pods the reconciler deletes: those that it made to build, fetch or load drivers, which are made anew.
 * Rights alone cannot tell them from pods that serve storage.
 */
export function driverPodsAdmission(reconciler: Account, name: string): readonly KubeObject[] {
  return admissionPolicy(name, {
    matchConstraints: matching({
      resourceRules: [
        { apiGroups: [''], apiVersions: ['*'], operations: ['DELETE'], resources: ['pods'], scope: '*' },
      ],
    }),
    matchConditions: [
      { name: 'reconciler', expression: `request.userInfo.username == '${userName(reconciler)}'` },
    ],
    validations: [
      {
        expression: `oldObject != null && '${DRIVER_WORK}' in oldObject.metadata.?annotations.orValue({})`,
        message: 'The reconciler deletes pods that work on drivers, and no others.',
      },
    ],
  });
}
