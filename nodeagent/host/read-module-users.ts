import { isKnown } from '../../schemas/node/observed.ts';
import { parseMountInfo } from '../observe/mounts.ts';
import { valueOf } from '../observe/reading.ts';
import { parseFrontends } from '../observe/weka-mounts.ts';
import type { ModuleUser } from '../plan/driver-facts.ts';
import type { Host, HostPath } from './host.ts';
import { shown } from './names.ts';
import { readWekaMounts } from './read-storage.ts';

/** Whose mounts `/proc/wekafs` counts. */
const FILE_SYSTEM = 'wekafsio';

/** Files that are open as long as a process uses a module. */
const OPEN: readonly { readonly path: RegExp; readonly modules: readonly string[] }[] = [
  { path: /^(\/proc)?\/wekafs(\/|$)/, modules: ['wekafsio', 'wekafsgw'] },
  { path: /^\/dev\/uio\d+$/, modules: ['igb_uio', 'uio_pci_generic'] },
  { path: /^\/dev\/mpin_user$/, modules: ['mpin_user'] },
];

/** Beyond them nobody reads on. */
const MOST_USERS = 64;

/**
 * What uses such loaded modules beside other modules: mounts, devices that are bound to their drivers, and processes that have their
 * files open, as far as this process may look. What can be read of nobody is no user: the kernel's own count says so.
 */
export async function readModuleUsers(
  host: Host,
  modules: readonly string[],
): Promise<readonly ModuleUser[]> {
  if (modules.length === 0) return [];
  const [mounts, frontends, devices, processes] = await Promise.all([
    modules.includes(FILE_SYSTEM) ? readMounts(host) : [],
    modules.includes(FILE_SYSTEM) ? readFrontends(host) : [],
    readDevices(host, modules),
    readProcesses(host, modules),
  ]);
  const told = new Set(frontends.map(({ pid }) => pid));
  const others = processes.filter(({ pid, module }) => module !== FILE_SYSTEM || !told.has(pid));
  return [...mounts, ...frontends, ...devices, ...others]
    .slice(0, MOST_USERS)
    .map(({ module, who }) => ({ module, who }));
}

interface ProcessUser extends ModuleUser {
  readonly pid: string | undefined;
}

/**
 * The processes that the driver itself names. Whose files are open is hidden from an agent without power over other processes, and
 * those of WEKA's own containers have more powers than it.
 */
async function readFrontends(host: Host): Promise<readonly ProcessUser[]> {
  const entries = valueOf(await host.list('/proc/wekafs')) ?? [];
  const texts = await Promise.all(
    entries.map(async ({ name, path }) => {
      return valueOf(await host.text(name === 'interface' ? path : `${path}/interface`)) ?? '';
    }),
  );
  const frontends = texts.flatMap(parseFrontends).slice(0, MOST_USERS);
  return await Promise.all(
    frontends.map(async ({ container, pid }) => {
      if (pid === undefined) return { module: FILE_SYSTEM, pid, who: `frontend of container ${container}` };
      const name = await commandOf(host, `/proc/${pid}`);
      return {
        module: FILE_SYSTEM,
        pid,
        who: `process ${pid}${name === '' ? '' : ` (${name})`} of container ${container}`,
      };
    }),
  );
}

async function commandOf(host: Host, path: HostPath): Promise<string> {
  return shown(valueOf(await host.text(`${path}/comm`))?.trim() ?? '');
}

async function readMounts(host: Host): Promise<readonly ModuleUser[]> {
  const [mounts, points] = await Promise.all([readWekaMounts(host), readMountPoints(host)]);
  const who = (text: string): ModuleUser => ({ module: FILE_SYSTEM, who: text });
  const seen = points.map((point) => who(`mount at ${point}`));
  if (!isKnown(mounts)) return [...seen, who(`an unknown number of mounts (${mounts.unknown})`)];
  const counts = mounts.flatMap(({ interface: name, active }) => {
    const of = name === '' ? '' : ` of container ${name}`;
    if (!isKnown(active)) return [who(`an unknown number of mounts${of} (${active.unknown})`)];
    return active === 0 ? [] : [who(`${active} ${active === 1 ? 'mount' : 'mounts'}${of}`)];
  });
  return [...counts, ...seen];
}

/** Where the host has the file system mounted; the mounts of containers are counted by the driver alone. */
async function readMountPoints(host: Host): Promise<readonly string[]> {
  const text = valueOf(await host.text('/proc/1/mountinfo', { maxBytes: 4 << 20 })) ?? '';
  const mounts = parseMountInfo(text).filter(({ fileSystem }) => fileSystem === 'wekafs');
  return mounts.map(({ mountPoint }) => mountPoint);
}

async function readDevices(host: Host, modules: readonly string[]): Promise<readonly ModuleUser[]> {
  const found = await Promise.all(
    modules.map(async (module) => {
      const drivers = await host.list(`/sys/module/${module}/drivers`);
      const bound = await Promise.all(
        (valueOf(drivers) ?? []).map(async ({ path }) => await host.list(path)),
      );
      // Being bound takes no hold that the kernel would count.
      const unseen = [drivers, ...bound].find(({ state }) => state === 'failed');
      const devices = bound
        .flatMap((each) => valueOf(each) ?? [])
        .filter(({ name }) => /^[\da-f]{4,}:[\da-f]{2}:[\da-f]{2}\.\d$/.test(name));
      return [
        ...devices.map(({ name }) => ({ module, who: `device ${name}, which is bound to ${module}` })),
        ...(unseen?.state === 'failed'
          ? [{ module, who: `an unknown number of devices (${unseen.reason})` }]
          : []),
      ];
    }),
  );
  return found.flat();
}

async function readProcesses(host: Host, modules: readonly string[]): Promise<readonly ProcessUser[]> {
  const watched = OPEN.filter((each) => each.modules.some((name) => modules.includes(name)));
  if (watched.length === 0) return [];
  const users: ProcessUser[] = [];
  for (const { name, path } of valueOf(await host.list('/proc')) ?? []) {
    if (!/^\d+$/.test(name)) continue;
    const files = valueOf(await host.list(`${path}/fd`)) ?? [];
    const places = await Promise.all(files.map(async (file) => valueOf(await host.link(file.path))));
    const held = watched.flatMap((each) =>
      places.some((place) => place !== undefined && each.path.test(place))
        ? each.modules.filter((module) => modules.includes(module)).slice(0, 1)
        : [],
    );
    if (held.length === 0) continue;
    const who = `process ${name} (${await commandOf(host, path)})`;
    users.push(...held.map((module) => ({ module, pid: name, who })));
    if (users.length >= MOST_USERS) break;
  }
  return users;
}
