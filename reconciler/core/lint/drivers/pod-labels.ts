import { containerLabels } from '../../desired/container-labels.ts';
import type { Labels } from '../shared-nodes.ts';
import type { SpecOf } from '../spec-rule.ts';

/** Labels of a container's pod, by which Services find it. */
export function podLabels({ container }: SpecOf<'WekaContainer'>): Labels {
  return containerLabels(container);
}
