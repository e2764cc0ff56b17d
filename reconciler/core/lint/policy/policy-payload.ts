import type { SpecRule } from '../spec-rule.ts';
import { COMMON_PAYLOADS, type Wanted, wrongPayload } from './wrong-payload.ts';

const PAYLOADS: Readonly<Record<string, Wanted>> = {
  ...COMMON_PAYLOADS,
  'enable-local-drivers-distribution': {
    payload: 'driverDistPayload',
    needed: 'it does not say which drivers',
  },
  configuration: { payload: 'configurationPayload', needed: 'it sets nothing' },
};

/** Types and payloads of policies (weka-operator §1.7, §4.2). */
export const policyPayload: SpecRule = {
  level: 'error',
  fixed: false,
  why: 'A policy does what its type says, and reads nothing but the payload of that type.',
  example: {
    wrong: 'kind: WekaPolicy\nspec:\n  type: sign-drives\n  payload: { discoverDrivesPayload: {} }',
    right:
      'kind: WekaPolicy\nspec:\n  type: sign-drives\n  payload: { signDrivesPayload: { type: aws-all } }',
  },
  *check({ policies }) {
    for (const spec of policies) {
      const { type, payload, image } = spec.policy.spec;
      for (const fault of wrongPayload(payload, type, 'type', PAYLOADS)) yield { spec, ...fault };
      if (type === 'enable-local-drivers-distribution' && !image) {
        yield {
          spec,
          path: ['spec'],
          at: 'name',
          message: 'The policy has no image for the distribution service that it makes.',
          hint: 'Set spec.image to an image of WEKA.',
        };
      }
    }
  },
};
