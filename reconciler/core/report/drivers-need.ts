import type { DriversOutput } from '../../../schemas/output/drivers.ts';

/** Whether drivers, as they were told, stay as they are until a person does something about them. */
export function needPerson(drivers: DriversOutput | undefined): boolean {
  if (drivers === undefined) return false;
  const { cells, progress } = drivers;
  return (
    cells.some(({ state, nodes }) => nodes.total > 0 && (state === 'missing' || state === 'changed')) ||
    (progress.refused ?? 0) > 0
  );
}
