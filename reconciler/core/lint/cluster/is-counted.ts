import type { DynamicTemplate } from '../../../../schemas/weka/cluster-template.ts';
import type { Spec } from '../../spec/spec.ts';
import { written } from '../written.ts';
import { inTemplate } from './each-cluster.ts';

/** Whether a manifest says how many containers there are; 0 is a number that is not set, as it is for cores. */
export function isCounted(
  spec: Pick<Spec, 'manifest'>,
  field: Extract<keyof DynamicTemplate, `${'compute' | 'drive'}Containers`>,
): boolean {
  return Number(written(spec, ...inTemplate(field)) ?? 0) > 0;
}
