import { Slots } from '../../reconciler/world/kubeapi/slots.ts';
import type { KernelModule, ModuleParameter } from '../../schemas/node/kernel.ts';
import { isKnown, type Observed, unknown } from '../../schemas/node/observed.ts';
import { type LoadedModule, parseModules } from '../observe/modules.ts';
import { known, knownIfAny } from '../observe/reading.ts';
import type { Entry, Host, HostPath } from './host.ts';

/** The loaded modules, with what `/sys/module` says of each. */
export async function readModules(host: Host): Promise<Observed<readonly KernelModule[]>> {
  const loaded = known(await host.text('/proc/modules', { maxBytes: 1 << 20 }), parseModules);
  if (!isKnown(loaded)) return loaded;
  // A few at a time: a thousand parameters that wait for their turn would take more memory than all else.
  const slots = new Slots(4);
  return await Promise.all(
    loaded.map(async (module) => await slots.run(async () => await readModule(host, module))),
  );
}

async function readModule(host: Host, module: LoadedModule): Promise<KernelModule> {
  const { name, state, inUse, usedBy, taints } = module;
  const folder = `/sys/module/${name}`;
  const [version, srcversion, parameters] = await Promise.all([
    readLine(host, `${folder}/version`),
    readLine(host, `${folder}/srcversion`),
    readParameters(host, `${folder}/parameters`),
  ]);
  const about = { name, state, inUse, usedBy: [...usedBy], ...(taints === undefined ? {} : { taints }) };
  if (version === undefined && srcversion === undefined && parameters === undefined) {
    // A module may have none of these; or it has gone meanwhile, and then they are not known.
    const there = await host.kind(folder);
    if (there.state !== 'read') {
      const reason = unknown(there.reason);
      return { ...about, version: reason, srcversion: reason, parameters: reason };
    }
  }
  return {
    ...about,
    ...(version === undefined ? {} : { version }),
    ...(srcversion === undefined ? {} : { srcversion }),
    parameters: parameters ?? [],
  };
}

async function readLine(host: Host, path: HostPath): Promise<Observed<string> | undefined> {
  return knownIfAny(await host.text(path), (text) => text.replace(/\n$/, ''));
}

async function readParameters(
  host: Host,
  folder: HostPath,
): Promise<Observed<ModuleParameter[]> | undefined> {
  const listing = await host.list(folder);
  if (listing.state === 'absent') return undefined;
  if (listing.state !== 'read') return unknown(listing.reason);
  const found = await Promise.all(listing.value.map(async (entry) => await readParameter(host, entry)));
  return found.filter((parameter) => parameter !== undefined);
}

/** A parameter that only root may read may hold a secret; reports are read by others. */
async function readParameter(host: Host, { name, path }: Entry): Promise<ModuleParameter | undefined> {
  const reading = await host.text(path, { publicOnly: true });
  if (reading.state === 'absent') return undefined;
  return { name, value: known(reading, (text) => text.replace(/\n$/, '')) };
}
