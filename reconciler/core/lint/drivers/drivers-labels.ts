import { DISTRIBUTES } from '../../desired/dist-services.ts';
import { isNodeLabel } from '../../desired/drivers-policy.ts';
import { quoted } from '../../spec/text.ts';
import { isLabelKey } from '../label-syntax.ts';
import type { SpecRule } from '../spec-rule.ts';

const KEYS = ['kernelLabelKey', 'architectureLabelKey', 'osLabelKey'] as const;

/** The keys are the author's to choose (weka-operator §3.4), as long as nothing else goes by them. */
export const driversLabels: SpecRule = {
  level: 'error',
  fixed: true,
  why: 'Labels of nodes that Kubernetes goes by decide where pods run, and are not for a policy to write over.',
  example: {
    wrong:
      'kind: WekaPolicy\nspec:\n  type: enable-local-drivers-distribution\n  image: quay.io/weka.io/weka-in-container:4.4.10\n  payload: { driverDistPayload: { osLabelKey: kubernetes.io/os } }',
    right:
      'kind: WekaPolicy\nspec:\n  type: enable-local-drivers-distribution\n  image: quay.io/weka.io/weka-in-container:4.4.10\n  payload: { driverDistPayload: { osLabelKey: example.com/os } }',
  },
  *check({ policies }) {
    for (const spec of policies) {
      const { type, payload } = spec.policy.spec;
      const { driverDistPayload } = payload;
      if (type !== DISTRIBUTES || driverDistPayload === undefined) continue;
      for (const [index, name] of KEYS.entries()) {
        const key = driverDistPayload[name];
        // What is no key at all is told with the others that are none.
        if (key === '' || !isLabelKey(key)) continue;
        const same = KEYS.slice(0, index).find((other) => driverDistPayload[other] === key);
        if (isNodeLabel(key) && same === undefined) continue;
        const fault = same === undefined ? 'a label that Kubernetes itself goes by' : `${same} already`;
        yield {
          spec,
          path: ['spec', 'payload', 'driverDistPayload', name],
          message: `${quoted(key)} is ${fault}.`,
          hint: `Name a label of your own, or remove ${name} to have weka.io's.`,
        };
      }
    }
  },
};
