import type { KubeObject } from '../core/kube/object.ts';
import { type ApplySetParent, applySetId, PART_OF } from '../core/desired/ownership.ts';
import { DRIVER_WORK } from '../core/drivers/work-annotation.ts';
import { type Account, userName } from './account.ts';
import { admissionPolicy } from './admission-policy.ts';
import { matching } from './admission-rules.ts';

/** Whether it is a pod that works on drivers, as its annotation says. */
const works = (object: string) => `'${DRIVER_WORK}' in ${object}.metadata.?annotations.orValue({})`;

/** Whether it is one of this ApplySet, whose word alone is believed: another installation has pods of its own. */
const isOurs = (object: string, applySet: string) =>
  `${works(object)} && ${object}.metadata.?labels[?'${PART_OF}'].orValue('') == '${applySet}'`;

/**
 * The admission policy over pods that build, fetch and load drivers. What such a pod leaves is believed, and comes into the kernels of
 * nodes, so that only the reconciler makes one, or makes a pod one: the right to make pods, as the role `edit` has it, would else be
 * enough. Nobody changes what runs in it, save who may change the policy. And of all pods the reconciler deletes these alone: rights
 * cannot tell them from pods that serve storage.
 */
export function driverPodsAdmission(
  reconciler: Account,
  name: string,
  set: ApplySetParent,
): readonly KubeObject[] {
  const applySet = applySetId(set);
  const isReconciler = `request.userInfo.username == '${userName(reconciler)}'`;
  return admissionPolicy(name, {
    matchConstraints: matching({
      resourceRules: [
        {
          apiGroups: [''],
          apiVersions: ['*'],
          operations: ['CREATE', 'UPDATE', 'DELETE'],
          resources: ['pods'],
          scope: '*',
        },
      ],
    }),
    matchConditions: [
      {
        name: 'concerned',
        expression: `request.operation == 'DELETE' ? ${isReconciler} : (${isOurs('object', applySet)}) || (oldObject != null && ${isOurs('oldObject', applySet)})`,
      },
    ],
    variables: [
      {
        name: 'isKeeper',
        expression: `authorizer.group('admissionregistration.k8s.io').resource('validatingadmissionpolicies').name('${name}').check('patch').allowed()`,
      },
    ],
    validations: [
      {
        expression: `request.operation != 'DELETE' || (oldObject != null && ${works('oldObject')})`,
        message: 'The reconciler deletes pods that work on drivers, and no others.',
      },
      {
        expression: `request.operation == 'DELETE' || ${isReconciler} || variables.isKeeper || (oldObject != null && object.spec == oldObject.spec && object.metadata.?annotations[?'${DRIVER_WORK}'] == oldObject.metadata.?annotations[?'${DRIVER_WORK}'] && object.metadata.?labels[?'${PART_OF}'] == oldObject.metadata.?labels[?'${PART_OF}'])`,
        message: 'Only the reconciler makes pods that work on drivers.',
      },
    ],
  });
}
