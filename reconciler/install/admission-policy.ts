import type { KubeObject } from '../core/kube/object.ts';

const API_VERSION = 'admissionregistration.k8s.io/v1';

interface PolicySpec {
  readonly validations: readonly { readonly expression: string; readonly message: string }[];
  readonly [field: string]: unknown;
}

/** An admission policy and its binding, both of one name. Where it cannot be judged, it is refused. */
export function admissionPolicy(
  name: string,
  { validations, ...spec }: PolicySpec,
): readonly [policy: KubeObject, binding: KubeObject] {
  const forbidden = validations.map((each) => ({ ...each, reason: 'Forbidden' }));
  return [
    {
      apiVersion: API_VERSION,
      kind: 'ValidatingAdmissionPolicy',
      metadata: { name },
      spec: { failurePolicy: 'Fail', ...spec, validations: forbidden },
    },
    {
      apiVersion: API_VERSION,
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata: { name },
      spec: { policyName: name, validationActions: ['Deny'] },
    },
  ];
}
