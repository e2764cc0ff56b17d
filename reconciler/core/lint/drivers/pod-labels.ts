import type { Labels } from '../shared-nodes.ts';
import type { SpecOf } from '../spec-rule.ts';

/** Labels of a container's pod, by which Services find it. */
export function podLabels({ container }: SpecOf<'WekaContainer'>): Labels {
  return { app: 'weka', ...container.metadata.labels };
}
