import { targetKey } from '../../../schemas/drivers/target.ts';
import type { DriversSeen } from './drivers.ts';

/**
 * Builds and nodes that stay as they are until a person does something: nothing makes what nodes need, others are offered than the
 * trusted ones, or a node may not load what it shall. What is on its way, or tried again by itself, is not among them.
 */
export function driversThatNeedPerson(drivers: DriversSeen | undefined): readonly string[] {
  if (drivers === undefined) return [];
  const { cells, nodes } = drivers;
  return [
    ...cells.flatMap(({ state, target, nodes: needing }) =>
      needing.length > 0 && (state === 'missing' || state === 'changed') ? [targetKey(target)] : [],
    ),
    ...nodes.flatMap(({ node, report }) => (report?.state === 'refused' ? [node] : [])),
  ].toSorted();
}
