import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { type DriverPackage, modulesFile } from '../../schemas/drivers/package.ts';
import { DPDK, driverModules, SIGNED } from './driver-modules.ts';
import { guestKernel, type KernelVersion } from './kernel.ts';

/** A package, and its bytes. */
export interface PackedDrivers {
  readonly package: DriverPackage;
  readonly bytes: Buffer;
}

export interface Packing {
  readonly kernel: KernelVersion;
  readonly version: string;
  /** Whose modules are in it, where it is a lie. */
  readonly kernelInside?: KernelVersion;
  /** Whose signature is on its modules. Only those of the first version have any. */
  readonly signedBy?: keyof typeof SIGNED;
  /** Whose igb_uio is in it: DPDK's own, where it is not the stand-in. */
  readonly igbUio?: typeof DPDK;
  /** What sets packages apart that have the same modules. */
  readonly mark?: string;
  /** Changes what is packed. */
  readonly change?: (members: readonly Member[]) => readonly Member[];
}

export interface Member {
  readonly name: string;
  readonly bytes: Buffer;
}

/** A package of modules for a guest, with the names of members that WEKA uses. */
export async function packDrivers(packing: Packing): Promise<PackedDrivers> {
  const { version, signedBy, igbUio, mark, change = (members) => members } = packing;
  const { release } = await guestKernel(packing.kernel);
  const modules = await driverModules(packing.kernelInside ?? packing.kernel);
  const folder = join(modules, signedBy === undefined ? version : SIGNED[signedBy]);
  const named = [
    ['wekafsgw', `weka_driver-wekafsgw-${version}`],
    ['wekafsio', `weka_driver-wekafsio-${version}`],
    ['mpin_user', 'mpin_user-1.0.1'],
    ['igb_uio', 'igb_uio-weka1.0.2'],
  ] as const;
  const members = await Promise.all(
    named.map(async ([module, name]) => ({
      name: `${name}-${release}.x86_64.ko`,
      bytes: await readFile(
        join(module === 'igb_uio' && igbUio === DPDK ? join(modules, DPDK) : folder, `${module}.ko`),
      ),
    })),
  );
  const archive = pack();
  for (const { name, bytes } of change(members))
    archive.entry({ name, mode: 0o644, mtime: new Date(0) }, bytes);
  if (mark !== undefined) archive.entry({ name: 'BUILD', mode: 0o644, mtime: new Date(0) }, mark);
  archive.finalize();
  return packed({ version, kernel: release, architecture: 'x86_64' }, gzipSync(await buffer(archive)));
}

/** These bytes as a package of modules. */
export function packed(
  target: Pick<DriverPackage, 'version' | 'kernel' | 'architecture'>,
  bytes: Buffer,
): PackedDrivers {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const file = modulesFile(target);
  return { package: { ...target, file, sha256, bytes: bytes.length, layout: 'modules' }, bytes };
}
