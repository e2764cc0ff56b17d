import type { DynamicTemplate } from '../../../../schemas/weka/cluster-template.ts';
import type { Spec } from '../../spec/spec.ts';
import { written } from '../written.ts';
import { inTemplate } from './each-cluster.ts';

type RoleField<Of extends 'Containers' | 'Cores'> = Extract<
  keyof DynamicTemplate,
  `${'compute' | 'drive'}${Of}`
>;

/** Whether a manifest says how many containers or cores there are; 0 is a number that is not set. */
export function isCounted(spec: Pick<Spec, 'manifest'>, field: RoleField<'Containers' | 'Cores'>): boolean {
  return Number(written(spec, ...inTemplate(field)) ?? 0) > 0;
}

/**
 * Whether a manifest says how many cores compute and drive containers have together: newer operators work out what it
 * leaves open of containers, and drive cores from a capacity (weka-operator §2.8).
 */
export function areCoresCounted(
  { containerCapacity, driveCapacity }: Pick<DynamicTemplate, 'containerCapacity' | 'driveCapacity'>,
  spec: Pick<Spec, 'manifest'>,
): boolean {
  const byCapacity = Boolean(containerCapacity) || Boolean(driveCapacity);
  const containers = isCounted(spec, 'computeContainers') && isCounted(spec, 'driveContainers');
  return containers && (!byCapacity || isCounted(spec, 'driveCores'));
}
