import type { OperatingSystem } from '../../schemas/node-report.ts';
import type { PersistenceFolder, WekaMounts } from '../../schemas/node/storage.ts';
import { isKnown, type Observed, unknown } from '../../schemas/node/observed.ts';
import { mountOf, parseMountInfo } from '../observe/mounts.ts';
import { persistenceFolder } from '../observe/os-release.ts';
import { known, valueOf } from '../observe/reading.ts';
import { freeSpaceGiB } from '../observe/steps.ts';
import { parseActiveMounts } from '../observe/weka-mounts.ts';
import { meaningOfAbsence } from './absence.ts';
import type { Host, HostPath } from './host.ts';
import { shown } from './names.ts';

/** The folder where WEKA keeps its files on this system, and what it is on. */
export async function readPersistence(
  host: Host,
  os: Observed<OperatingSystem>,
): Promise<Observed<PersistenceFolder>> {
  if (!isKnown(os))
    return unknown(`Where WEKA keeps its files depends on the operating system. ${os.unknown}`);
  const path = persistenceFolder(os);
  const [own, place] = await Promise.all([host.kind(path), nearestFolder(host, path)]);
  const exists = own.state === 'failed' ? unknown(own.reason) : own.state === 'read' ? 'yes' : 'no';
  if (!isKnown(place)) {
    return { path, exists, fileSystem: place, mountPoint: place, totalGiB: place, freeGiB: place };
  }
  const [mounts, space] = await Promise.all([
    // The mounts that the host has, and not those that this process has in a container.
    host.text('/proc/1/mountinfo', { maxBytes: 16 << 20 }),
    host.space(place),
  ]);
  const mount = known(
    mounts,
    (text) => mountOf(shown(place), parseMountInfo(text)) ?? unknown('No mount of the host holds it.'),
  );
  return {
    path,
    exists,
    fileSystem: isKnown(mount) ? mount.fileSystem : mount,
    mountPoint: isKnown(mount) ? mount.mountPoint : mount,
    totalGiB: known(space, ({ totalBytes }) => Math.floor(totalBytes / 1024 ** 3)),
    freeGiB: known(space, ({ freeBytes }) => freeSpaceGiB(freeBytes)),
  };
}

/** The folder itself, or the nearest above it that is there, with all links followed. */
async function nearestFolder(host: Host, path: HostPath): Promise<Observed<HostPath>> {
  for (let at = path; ; at = at.slice(0, at.lastIndexOf('/')) || '/') {
    const [kind, place] = await Promise.all([host.kind(at), host.follow(at)]);
    if (kind.state === 'failed') return unknown(kind.reason);
    if (kind.state === 'read') return known(place, (found) => found);
    if (at === '/') return unknown(kind.reason);
  }
}

/** WEKA's drivers by their files in `/proc/wekafs`: one for each container, or one that has no name. */
export async function readWekaMounts(host: Host): Promise<Observed<readonly WekaMounts[]>> {
  const listing = await host.list('/proc/wekafs');
  const answer = await meaningOfAbsence(host, listing, { beside: '/proc/version', means: [] });
  if (answer !== undefined) return answer;
  if (listing.state !== 'read') return unknown(listing.reason);
  const found = await Promise.all(
    listing.value.map(async ({ name, path }): Promise<WekaMounts | undefined> => {
      const unnamed = name === 'interface';
      const reading = await host.text(unnamed ? path : `${path}/interface`);
      if (reading.state === 'absent') return undefined;
      return { interface: unnamed ? '' : name, active: known(reading, parseActiveMounts) };
    }),
  );
  return found.filter((each) => each !== undefined).toSorted((a, b) => (a.interface < b.interface ? -1 : 1));
}

const TOOLS = ['mkfs.xfs', 'xfs_growfs', 'xfs_quota', 'xfs_repair'];
const FOLDERS = ['/usr/sbin', '/sbin', '/usr/local/sbin', '/usr/bin'];

/** Which tools for XFS are installed where programs are looked for. */
export async function readXfsTools(host: Host): Promise<Observed<readonly string[]>> {
  const folders = await Promise.all(FOLDERS.map(async (folder) => await host.kind(folder)));
  if (folders.every(({ state }) => state !== 'read')) return unknown('There is no folder of programs.');
  const found = await Promise.all(
    TOOLS.map(async (tool) => {
      const kinds = await Promise.all(FOLDERS.map(async (folder) => await host.kind(`${folder}/${tool}`)));
      return { tool, kinds };
    }),
  );
  const isThere = ({ kinds }: (typeof found)[number]) => kinds.some((kind) => valueOf(kind) === 'file');
  for (const each of found) {
    const failed = each.kinds.find(({ state }) => state === 'failed');
    if (failed !== undefined && failed.state !== 'read' && !isThere(each)) return unknown(failed.reason);
  }
  return found.filter(isThere).map(({ tool }) => tool);
}
