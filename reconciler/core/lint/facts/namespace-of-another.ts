import { applySetId } from '../../desired/ownership.ts';
import type { FactRule } from '../spec-rule.ts';
import { APPLY_SET_ID, installations } from './installations.ts';
import { firstFew } from './shortages.ts';

const NAMESPACES = 'applyset.kubernetes.io/additional-namespaces';

export const namespaceOfAnother: FactRule = {
  level: 'warning',
  fixed: false,
  why: 'Two installations in one namespace meet sooner or later at one object, or at one drive or port of a node.',
  facts: 'Another installation keeps objects in namespace shared.',
  example: {
    wrong: 'kind: ConfigMap\nmetadata: { name: free, namespace: shared }',
    right: 'kind: ConfigMap\nmetadata: { name: free }',
  },
  *checkFacts(set, facts) {
    const { installation } = facts;
    if (installation === undefined) return;
    const own = applySetId(installation);
    const others = installations(facts).filter(({ labels }) => labels[APPLY_SET_ID] !== own);
    if (others.length === 0) return;
    const seen = new Set<string>();
    for (const spec of set.specs) {
      const { namespace } = spec.manifest.metadata;
      if (namespace === undefined || seen.has(namespace) || spec.kind === 'Approval') continue;
      seen.add(namespace);
      const claims = others.filter(({ annotations }) =>
        (annotations[NAMESPACES] ?? '').split(',').includes(namespace),
      );
      if (claims.length === 0) continue;
      yield {
        spec,
        path: ['metadata', 'namespace'],
        message: `Namespace ${namespace} also holds objects of installation ${firstFew(claims, (each) => `${each.namespace}/${each.name}`)}.`,
        hint: 'Give each installation namespaces of its own.',
      };
    }
  },
};
