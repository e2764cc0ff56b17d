import type { FactRule } from '../spec-rule.ts';
import { byReason } from './shortages.ts';
import { wekaNodes } from './weka-nodes.ts';

/** The oldest kernel that WEKA is known to work with (weka-operator §6.5). */
const OLDEST = [5, 10] as const;

export const nodeKernel: FactRule = {
  level: 'warning',
  fixed: false,
  why: 'WEKA does not work well with kernels before 5.10.',
  facts: 'A node with example.com/kernel=old runs kernel 5.4.0.',
  example: {
    wrong: 'spec:\n  nodeSelector: { example.com/kernel: old }',
    right: 'spec:\n  nodeSelector: { example.com/kernel: new }',
  },
  *checkFacts(set, facts) {
    for (const { spec, words, nodes } of wekaNodes(set, facts)) {
      const old = nodes.filter(({ kernel }) => isOld(kernel));
      if (old.length === 0) continue;
      yield {
        spec,
        path: ['spec', 'nodeSelector'],
        message: `Nodes of ${words} have kernels older than ${OLDEST.join('.')}: ${byReason(
          old,
          ({ name }) => name,
          ({ kernel }) => `has ${kernel}`,
          nodes.length,
        )}.`,
        hint: 'Upgrade those nodes, or choose others by label.',
      };
    }
  },
};

/** Whether a kernel is older than that; one whose version cannot be read is not. */
export function isOld(kernel: string): boolean {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(kernel) ?? [];
  if (major === undefined) return false;
  return Number(major) < OLDEST[0] || (Number(major) === OLDEST[0] && Number(minor) < OLDEST[1]);
}
