import type { KubeObject } from '../core/kube/object.ts';
import { type Account, userName } from './account.ts';
import { admissionPolicy } from './admission-policy.ts';
import { matching } from './admission-rules.ts';

/** Labels by which Kubernetes itself goes. */
const OF_KUBERNETES = String.raw`^([^/]*\\.)?(kubernetes|k8s)\\.io/`;

/**
 * The admission policy over what the reconciler changes of nodes: labels that are none of Kubernetes' own. The right to change those
 * is the right to taint nodes, to cordon them, and to have pods of others come or go.
 */
export function nodeLabelsAdmission(reconciler: Account, name: string): readonly KubeObject[] {
  return admissionPolicy(name, {
    matchConstraints: matching({
      resourceRules: [
        {
          apiGroups: [''],
          apiVersions: ['*'],
          operations: ['CREATE', 'UPDATE'],
          resources: ['nodes'],
          scope: '*',
        },
      ],
    }),
    matchConditions: [
      { name: 'reconciler', expression: `request.userInfo.username == '${userName(reconciler)}'` },
    ],
    variables: [
      { name: 'before', expression: 'oldObject == null ? {} : oldObject.metadata.?labels.orValue({})' },
      { name: 'after', expression: 'object.metadata.?labels.orValue({})' },
    ],
    validations: [
      {
        expression: `oldObject != null && object.spec == oldObject.spec && ${['annotations', 'finalizers', 'ownerReferences'].map(isUnchanged).join(' && ')}`,
        message: 'The reconciler changes labels of nodes, and nothing else of them.',
      },
      {
        expression: `variables.after.all(key, !key.matches('${OF_KUBERNETES}') || (key in variables.before && variables.before[key] == variables.after[key])) && variables.before.all(key, !key.matches('${OF_KUBERNETES}') || key in variables.after)`,
        message: 'The reconciler changes no label that Kubernetes itself goes by.',
      },
    ],
  });
}

function isUnchanged(field: string): string {
  return `object.metadata.?${field} == oldObject.metadata.?${field}`;
}
