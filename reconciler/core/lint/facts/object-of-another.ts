import { anchorName } from '../../desired/anchor.ts';
import { applySetId, PART_OF } from '../../desired/ownership.ts';
import type { ConfigMapFacts } from '../../facts/facts.ts';
import type { Spec } from '../../spec/spec.ts';
import type { FactRule } from '../spec-rule.ts';
import { APPLY_SET_ID, installations } from './installations.ts';

export const objectOfAnother: FactRule = {
  level: 'error',
  fixed: false,
  why: 'Two installations that ask for one object undo each other’s work in every pass.',
  facts: 'ConfigMap weka/taken belongs to another installation.',
  example: {
    wrong: 'kind: ConfigMap\nmetadata: { name: taken }',
    right: 'kind: ConfigMap\nmetadata: { name: free }',
  },
  *checkFacts(set, facts) {
    if (facts.installation === undefined) return;
    const own = applySetId(facts.installation);
    const theirs = new Map<string, ConfigMapFacts>();
    for (const configMap of facts.configMaps) {
      const part = configMap.labels[PART_OF];
      if (part !== undefined && part !== own)
        theirs.set(`${configMap.namespace}/${configMap.name}`, configMap);
    }
    if (theirs.size === 0) return;
    const parents = installations(facts);
    for (const spec of set.specs) {
      const name = configMapOf(spec);
      const taken = name === undefined ? undefined : theirs.get(name);
      if (taken === undefined) continue;
      const id = taken.labels[PART_OF] ?? '';
      const parent = parents.find((each) => each.labels[APPLY_SET_ID] === id);
      const who = parent === undefined ? `ApplySet ${id}` : `installation ${parent.namespace}/${parent.name}`;
      yield {
        spec,
        path: ['metadata', 'name'],
        message: `ConfigMap ${taken.namespace}/${taken.name}, which this manifest becomes, belongs to ${who} in the cluster.`,
        hint: 'Give the manifest another name or namespace, or remove it from the other repository first.',
      };
    }
  },
};

/** The ConfigMap that a manifest becomes: itself, or its anchor. Others are not among the facts. */
function configMapOf({ kind, manifest }: Spec): string | undefined {
  const { namespace = '', name } = manifest.metadata;
  if (kind === 'object') return manifest.kind === 'ConfigMap' ? `${namespace}/${name}` : undefined;
  return kind === 'Approval' ? undefined : `${namespace}/${anchorName(kind, name)}`;
}
