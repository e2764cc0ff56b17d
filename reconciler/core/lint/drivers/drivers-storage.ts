import { DISTRIBUTES, policyServiceName } from '../../desired/dist-services.ts';
import { describeReference } from '../client/target-of.ts';
import type { SpecRule } from '../spec-rule.ts';

/** The vendor asks for persistent storage behind a distribution service; a policy names none, so that it is found by its name. */
export const driversStorage: SpecRule = {
  level: 'warning',
  fixed: false,
  why: 'Packages go with the pod that serves them, and are built or fetched again, unless a claim keeps them.',
  example: {
    wrong:
      'kind: WekaPolicy\nmetadata: { name: drivers }\nspec:\n  type: enable-local-drivers-distribution\n  image: quay.io/weka.io/weka-in-container:4.4.10\n  payload: { driverDistPayload: {} }',
    right:
      'kind: WekaPolicy\nmetadata: { name: drivers }\nspec:\n  type: enable-local-drivers-distribution\n  image: quay.io/weka.io/weka-in-container:4.4.10\n  payload: { driverDistPayload: {} }\n---\nkind: PersistentVolumeClaim\nmetadata: { name: drivers-dist }\nspec:\n  accessModes: [ReadWriteOnce]\n  resources: { requests: { storage: 20Gi } }',
  },
  *check({ policies, has, settings }) {
    for (const spec of policies) {
      const { metadata, spec: policy } = spec.policy;
      if (policy.type !== DISTRIBUTES) continue;
      const { namespace } = metadata;
      const name = policyServiceName(metadata.name);
      const claim = describeReference({ namespace, name });
      if (has('PersistentVolumeClaim', namespace, name) || settings.external.claims.includes(claim)) continue;
      yield {
        spec,
        path: ['spec', 'type'],
        message: `The packages that this policy distributes are lost with its pod, since there is no PersistentVolumeClaim ${claim}.`,
        hint: `Add a PersistentVolumeClaim of that name, or add ${claim} to external.claims of Settings if it is in the cluster.`,
      };
    }
  },
};
