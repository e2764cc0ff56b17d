import { Buffer } from 'node:buffer';
import * as z from 'zod';
import { DriverPackage, Sha256 } from '../../../schemas/drivers/package.ts';

/** Where a pinned package came from. */
export const PackageOrigin = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('builder'), pod: z.string().max(600) }),
  z.object({ kind: z.literal('registry'), url: z.string().max(600) }),
  // The lock was lost, and nothing that is there says it.
  z.object({ kind: z.literal('unknown') }),
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
  /**
   * Of builds that nodes were asked for with different digests when the lock was lost: all that they were asked for. Nothing is pinned
   * for these builds until a person chooses.
   */
  doubtful: z.array(PinnedPackage).max(4096).optional(),
});
export type DriversLock = z.infer<typeof DriversLock>;

export const EMPTY_LOCK: DriversLock = { schemaVersion: 1, packages: [] };

/** Key of the ConfigMap that keeps it. */
export const LOCK_KEY = 'drivers.lock';

/** A lock as it is kept: each package in a line of its own, since a ConfigMap holds no more than 1 MiB. */
export function lockText({ schemaVersion, packages, doubtful }: DriversLock): string {
  const list = (entries: readonly PinnedPackage[]) =>
    entries.length === 0 ? '[]' : `[\n${entries.map((entry) => `    ${entryText(entry)}`).join(',\n')}\n  ]`;
  const doubt = doubtful === undefined ? '' : `,\n  "doubtful": ${list(doubtful)}`;
  return `{\n  "schemaVersion": ${schemaVersion},\n  "packages": ${list(packages)}${doubt}\n}\n`;
}

/** So many bytes the text of a lock has at most: beside it is what vouches for services. */
export const MAX_LOCK_BYTES = 900 * 1024;

/** How many bytes of the text an entry takes. */
export function entryBytes(entry: PinnedPackage): number {
  return Buffer.byteLength(entryText(entry)) + ENTRY_ROOM;
}

/** What stands around an entry. */
const ENTRY_ROOM = 6;

function entryText(entry: PinnedPackage): string {
  return JSON.stringify(entry);
}
