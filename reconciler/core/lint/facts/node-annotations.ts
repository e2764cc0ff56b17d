import type { FactRule } from '../spec-rule.ts';
import { firstFew } from './shortages.ts';
import { wekaNodes } from './weka-nodes.ts';

export const nodeAnnotations: FactRule = {
  level: 'warning',
  fixed: false,
  why: 'What the annotations of a node say of its drives and cores counts only where it can be read.',
  facts:
    'Six nodes with example.com/annotations=damaged have an annotation weka.io/discovery.json that is no JSON.',
  example: {
    wrong: 'spec:\n  nodeSelector: { example.com/annotations: damaged }',
    right: 'spec:\n  nodeSelector: { example.com/annotations: whole }',
  },
  *checkFacts(set, facts) {
    const told = new Set<string>();
    for (const { spec, words, nodes } of wekaNodes(set, facts)) {
      // One node may serve several manifests, and is told of once.
      const damaged = nodes.filter(
        ({ name, annotations }) => annotations.damaged.length > 0 && !told.has(name),
      );
      if (damaged.length === 0) continue;
      for (const { name } of damaged) told.add(name);
      yield {
        spec,
        path: ['spec', 'nodeSelector'],
        message: `Annotations of nodes of ${words} are not the JSON that they should be: ${firstFew(damaged, ({ name, annotations }) => `${annotations.damaged.join(' and ')} of ${name}`)}.`,
        hint: 'Remove the annotation (kubectl annotate node NAME KEY-); discovery and signing write it anew.',
      };
    }
  },
};
