import { quoted } from '../../spec/text.ts';
import type { SpecRule } from '../spec-rule.ts';
import { eachCluster } from './each-cluster.ts';

/** Only `dynamic` is left of the templates (weka-operator §1.1). */
export const clusterTemplate: SpecRule = {
  level: 'error',
  fixed: false,
  why: 'The named templates of early versions are gone, and a cluster of one is never laid out.',
  example: { wrong: 'spec:\n  template: small', right: 'spec:\n  template: dynamic' },
  check: eachCluster(function* ({ template }) {
    if (template === 'dynamic' || template === '') return;
    yield {
      path: ['spec', 'template'],
      message: `There is no template ${quoted(template)} any more; the only one is dynamic.`,
      hint: 'Remove template, and set containers and cores in dynamicTemplate.',
    };
  }),
};
