import { compareText } from './compare-text.ts';
import type { DriveFacts } from './input.ts';

/**
 * Drives for one container out of those that are free: of one type and size if there are enough alike, TLC before QLC,
 * like those that it has already, and the large before the small. Undefined where there are not enough. With a region
 * asked for, drives of another one are never chosen.
 */
export function chooseDrives(
  free: readonly DriveFacts[],
  { count, numa }: { readonly count: number; readonly numa?: number },
  has: readonly DriveFacts[] = [],
): readonly string[] | undefined {
  const usable = free.filter((drive) => isNear(drive, numa)).toSorted(compareDrives);
  if (usable.length < count) return undefined;
  const groups = [...Map.groupBy(usable, likeness).values()];
  const like = has[0] === undefined ? undefined : likeness(has[0]);
  const enough = groups.filter((group) => group.length >= count);
  const chosen =
    enough.find((group) => group[0] !== undefined && likeness(group[0]) === like) ?? enough[0] ?? usable;
  return chosen.slice(0, count).map(({ serial }) => serial);
}

/** Whether a drive is in a region, or nobody says that it is in another. */
export function isNear(drive: DriveFacts, numa: number | undefined): boolean {
  return numa === undefined || drive.numa === undefined || drive.numa === numa;
}

function likeness({ type, capacityGiB }: DriveFacts): string {
  return `${type ?? ''} ${capacityGiB ?? ''}`;
}

function compareDrives(a: DriveFacts, b: DriveFacts): number {
  return (
    compareText(b.type ?? 'TLC', a.type ?? 'TLC') ||
    (b.capacityGiB ?? 0) - (a.capacityGiB ?? 0) ||
    compareText(a.serial, b.serial)
  );
}
