import type { NodeFacts } from '../../facts/node-facts.ts';
import { listWords } from '../../facts/resources.ts';
import type { FactRule } from '../spec-rule.ts';
import { counted, firstFew } from './shortages.ts';
import { wekaNodes } from './weka-nodes.ts';

const TRAITS = [
  { words: 'operating systems', of: ({ osImage }: NodeFacts) => osImage },
  { words: 'kernels', of: ({ kernel }: NodeFacts) => kernel },
  { words: 'architectures', of: ({ architecture }: NodeFacts) => architecture },
] as const;

/** As kubectl-weka's preflight warns (weka-operator §6.5). */
export const nodesAlike: FactRule = {
  level: 'warning',
  fixed: false,
  why: 'Each kernel and system needs drivers of its own, and a cluster of mixed nodes is harder to upgrade and to mend.',
  facts:
    'Six nodes with example.com/kernel=new run kernel 6.8.0-45-generic, and another one runs 4.18.0-553.el8.',
  example: {
    wrong: 'spec: {}',
    right: 'spec:\n  nodeSelector: { example.com/kernel: new }',
  },
  *checkFacts(set, facts) {
    for (const { spec, words, nodes } of wekaNodes(set, facts)) {
      const mixed = TRAITS.flatMap((trait) => {
        const groups = Map.groupBy(
          nodes.filter((node) => trait.of(node) !== ''),
          trait.of,
        );
        if (groups.size < 2) return [];
        const most = [...groups].toSorted(([, a], [, b]) => b.length - a.length);
        return [
          `${groups.size} ${trait.words} (${firstFew(most, ([value, its]) => `${value} on ${counted(its.length, 'node')}`)})`,
        ];
      });
      if (mixed.length === 0) continue;
      yield {
        spec,
        path: ['spec', 'nodeSelector'],
        message: `Nodes of ${words} have ${listWords(mixed)}.`,
        hint: 'Choose nodes that are alike by label, or bring them to one release.',
      };
    }
  },
};
