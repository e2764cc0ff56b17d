import type { ByType } from '../../desired/sizing.ts';

/** GiB of the smallest virtual drive, and of the smallest chunk in a failure domain (weka-operator §2.8, drive sharing). */
export const MIN_DRIVE_GIB = 384;

/** Virtual drives that one core can serve (weka-operator §2.8; Helm's driveSharing.maxVirtualDrivesPerCore). */
export const MAX_DRIVES_PER_CORE = 8;

/** The smallest capacity of which every type with a share has `needed` GiB. */
export function capacityFor(needed: number, ratio: ByType | undefined): number {
  if (ratio === undefined || ratio.tlc + ratio.qlc === 0) return needed;
  const shares = [ratio.tlc, ratio.qlc].filter((share) => share > 0);
  return Math.ceil((needed * (ratio.tlc + ratio.qlc)) / Math.min(...shares));
}

const POWERS = ['', 'k', 'm', 'g', 't', 'p', 'e'];

/**
 * GiB of a capacity such as `500TiB`, `1.5 PB` or `300t`, in letters of either case: units that end in a plain `B` count
 * in powers of 1000, as `TB` does, and all others in powers of 1024.
 */
export function capacityGiB(text: string): number {
  const [, number, unit = '', end] =
    /^(\d+(?:\.\d+)?)\s?([kmgtpe]?)(ib|i|b)?$/.exec(text.toLowerCase()) ?? [];
  return (Number(number) * (end === 'b' ? 1000 : 1024) ** POWERS.indexOf(unit)) / 1024 ** 3;
}

/** GiB of shared drives of each type that one core serves (weka-operator §2.8; Helm's clusterCapacity). */
export const CORE_GIB = { tlc: 5 * 1024, qlc: 50 * 1024 } as const satisfies ByType;

/** Cores that a drive container needs for each part of its capacity, and together. */
export function coresForCapacity({ tlc, qlc }: ByType): ByType & { readonly total: number } {
  const cores = { tlc: Math.ceil(tlc / CORE_GIB.tlc), qlc: Math.ceil(qlc / CORE_GIB.qlc) };
  return { ...cores, total: Math.max(1, cores.tlc + cores.qlc) };
}
