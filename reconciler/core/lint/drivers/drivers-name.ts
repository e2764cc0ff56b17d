import { DISTRIBUTES, policyServiceName } from '../../desired/dist-services.ts';
import type { SpecRule } from '../spec-rule.ts';

/** What follows the name of a policy in that of its Service. */
const ENDING = policyServiceName('').length;
/** The longest name that a Service can have. */
const MOST = 63;

/** Names of Services are labels of DNS, and those of policies need not be. */
export const driversName: SpecRule = {
  level: 'error',
  fixed: true,
  why: 'A policy that distributes drivers makes a Service of its name, which Kubernetes has to take.',
  example: {
    wrong:
      'kind: WekaPolicy\nmetadata: { name: local.drivers }\nspec:\n  type: enable-local-drivers-distribution\n  image: quay.io/weka.io/weka-in-container:4.4.10\n  payload: { driverDistPayload: {} }',
    right:
      'kind: WekaPolicy\nmetadata: { name: local-drivers }\nspec:\n  type: enable-local-drivers-distribution\n  image: quay.io/weka.io/weka-in-container:4.4.10\n  payload: { driverDistPayload: {} }',
  },
  *check({ policies }) {
    for (const spec of policies) {
      const { name } = spec.policy.metadata;
      const service = policyServiceName(name);
      if (spec.policy.spec.type !== DISTRIBUTES) continue;
      if (service.length <= MOST && /^[a-z]([a-z0-9-]*[a-z0-9])?$/.test(service)) continue;
      yield {
        spec,
        path: ['metadata', 'name'],
        message: `The policy makes Service ${service}, and no Service can have that name.`,
        hint: `Give the policy a name of at most ${MOST - ENDING} lower-case letters, digits and dashes that begins with a letter.`,
      };
    }
  },
};
