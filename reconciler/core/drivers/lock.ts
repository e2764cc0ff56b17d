import * as z from 'zod';
import { DriverPackage, Sha256 } from '../../../schemas/drivers/package.ts';

/** Where a pinned package came from. */
export const PackageOrigin = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('builder'), pod: z.string().max(600) }),
  z.object({ kind: z.literal('registry'), url: z.string().max(600) }),
]);
export type PackageOrigin = z.infer<typeof PackageOrigin>;

/** A package whose digest was pinned at first sight: of this service and target nothing else is loaded until a person accepts it. */
export const PinnedPackage = z.object({
  /** `namespace/name` of a Service of the cluster, or the address of any other. */
  service: z.string().min(1).max(600),
  package: DriverPackage,
  origin: PackageOrigin,
  /** Commit of the pass that pinned it. */
  commit: z.string().max(64),
  /** Where a person accepted it in place of others: by which Approvals, and the digests that were given up, the last first. */
  accepted: z
    .object({
      approvals: z.array(z.string().max(253)).max(64),
      insteadOf: z.array(Sha256).max(16),
    })
    .optional(),
  /** Set where the lock was lost, and what nodes were asked for before is all that is known of it. */
  recovered: z.literal(true).optional(),
});
export type PinnedPackage = z.infer<typeof PinnedPackage>;

/** All that is pinned, as the cluster keeps it, and as `drivers.lock` of the status branch shows it. */
export const DriversLock = z.object({
  schemaVersion: z.literal(1),
  packages: z.array(PinnedPackage).max(4096),
});
export type DriversLock = z.infer<typeof DriversLock>;

export const EMPTY_LOCK: DriversLock = { schemaVersion: 1, packages: [] };

/** Key of the ConfigMap that keeps it. */
export const LOCK_KEY = 'drivers.lock';

/** A lock as it is kept. */
export function lockText(lock: DriversLock): string {
  return `${JSON.stringify(lock, null, 2)}\n`;
}
