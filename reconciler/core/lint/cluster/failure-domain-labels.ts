import type { SpecRule } from '../spec-rule.ts';
import { eachCluster } from './each-cluster.ts';

/** compositeLabels set means that label and skew are ignored; skew applies to label only (weka-operator §1.1). */
export const failureDomainLabels: SpecRule = {
  level: 'warning',
  fixed: false,
  why: 'Of two ways to tell failure domains only one counts, and data may be spread otherwise than meant.',
  example: {
    wrong:
      'spec:\n  failureDomain:\n    label: topology.kubernetes.io/zone\n    compositeLabels: [example.com/hall, example.com/rack]',
    right: 'spec:\n  failureDomain:\n    compositeLabels: [example.com/hall, example.com/rack]',
  },
  check: eachCluster(function* ({ failureDomain }) {
    if (failureDomain === undefined) return;
    const { label, skew, compositeLabels = [] } = failureDomain;
    const path = ['spec', 'failureDomain'];
    if (compositeLabels.length === 0) {
      if (skew === undefined || label) return;
      yield {
        path: [...path, 'skew'],
        at: 'name',
        message: `A skew of ${skew} has no effect without a label that tells failure domains.`,
        hint: 'Set failureDomain.label, or remove skew.',
      };
      return;
    }
    for (const field of ['label', 'skew'] as const) {
      if (failureDomain[field] === undefined || failureDomain[field] === '') continue;
      yield {
        path: [...path, field],
        at: 'name',
        message: `${field} has no effect beside compositeLabels (${compositeLabels.join(', ')}).`,
        hint: `Remove ${field}, or compositeLabels.`,
      };
    }
  }),
};
