import { record } from '../../kube/json.ts';
import { nearest } from '../../spec/nearest.ts';
import { quoted } from '../../spec/text.ts';
import type { SpecRule } from '../spec-rule.ts';
import { ANNOTATIONS } from './annotations.ts';

export const unknownAnnotation: SpecRule = {
  level: 'warning',
  fixed: false,
  why: 'An annotation of ours that was misspelt has no effect.',
  example: {
    wrong:
      'kind: WekaPolicy\nmetadata: { annotations: { weka-gitops.dev/corn: "0 2 * * *" } }\nspec:\n  type: discover-drives\n  payload: {}',
    right:
      'kind: WekaPolicy\nmetadata: { annotations: { weka-gitops.dev/cron: "0 2 * * *" } }\nspec:\n  type: discover-drives\n  payload: {}',
  },
  *check({ specs }) {
    for (const spec of specs) {
      const { annotations } = spec.manifest.metadata;
      if (annotations === undefined) continue;
      for (const name of Object.keys(record(annotations))) {
        if (!/^weka-gitops\.dev\//i.test(name) || ANNOTATIONS.includes(name)) continue;
        // The part that all have in common would make any two of them look alike.
        const near = nearest(ownPart(name), ANNOTATIONS.map(ownPart));
        yield {
          spec,
          path: ['metadata', 'annotations', name],
          at: 'name',
          message: `There is no annotation ${quoted(name)}.`,
          hint:
            near === undefined
              ? `Remove it; there are ${ANNOTATIONS.join(', ')}.`
              : `Did you mean weka-gitops.dev/${near}?`,
        };
      }
    }
  },
};

function ownPart(name: string): string {
  return name.slice(name.indexOf('/') + 1);
}
