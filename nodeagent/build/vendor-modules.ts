import { mkdtemp, open, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { NoModule, readModinfo } from '../drivers/modinfo.ts';
import { MOST_MODULES, type PackageModule } from '../plan/package-module.ts';
import { NoZip, unzipMember, zipMembers } from './zip-archive.ts';

/** No module has more, with all that debuggers need. */
const MOST_BYTES = 256 << 20;

/** The modules of a package of the vendor's, or why they cannot be looked at: what such a package is like is its maker's to decide. */
export type VendorModules = { readonly modules: readonly PackageModule[] } | { readonly why: string };

/** What the modules in a package of the vendor's say of themselves. For each it needs room below `scratch`, one after the other. */
export async function readVendorModules(
  path: string,
  scratch: string,
  signal?: AbortSignal,
): Promise<VendorModules> {
  const folder = await mkdtemp(join(scratch, 'modules-'));
  try {
    await using archive = await open(path);
    const members = (await zipMembers(archive)).filter(({ name }) => name.endsWith('.ko'));
    if (members.length === 0) return { why: `${basename(path)} has no kernel module that can be looked at` };
    if (members.length > MOST_MODULES) return { why: `${basename(path)} has ${members.length} modules` };
    const modules: PackageModule[] = [];
    for (const [index, member] of members.entries()) {
      if (member.bytes > MOST_BYTES) return { why: `${member.name} of ${basename(path)} is too large` };
      const file = `${index}.ko`;
      const to = join(folder, file);
      const sha256 = await unzipMember(archive, member, to, signal);
      {
        await using module = await open(to);
        modules.push({ ...(await readModinfo(module)), file, sha256 });
      }
      await rm(to);
    }
    return { modules };
  } catch (error) {
    if (!(error instanceof NoZip || error instanceof NoModule)) throw error;
    return { why: `${basename(path)} cannot be looked at: ${error.message}` };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
