import { isKnown, type Observed } from '../../schemas/node/observed.ts';
import type { Host } from '../host/host.ts';
import { readModuleUsers } from '../host/read-module-users.ts';
import { parseModules } from '../observe/modules.ts';
import { wholeNumber } from '../observe/number.ts';
import { known, valueOf } from '../observe/reading.ts';
import type { LoadedDriver, ModuleUser } from '../plan/driver-facts.ts';

/** What has to be loaded once the vendor's command says that it is, each before what needs it. */
export const MODULES = ['wekafsgw', 'wekafsio'];

/** Which of WEKA's modules the kernel has, in the order in which they are loaded, with what holds each. */
export async function readLoaded(host: Host): Promise<Observed<readonly LoadedDriver[]>> {
  const found = known(await host.text('/proc/modules', { maxBytes: 1 << 20 }), parseModules);
  if (!isKnown(found)) return found;
  const ours = MODULES.flatMap((name) => found.filter((each) => each.name === name));
  return await Promise.all(
    ours.map(async ({ name, state, usedBy }): Promise<LoadedDriver> => {
      const [holds, version] = await Promise.all([
        host.text(`/sys/module/${name}/refcnt`),
        host.text(`/sys/module/${name}/version`),
      ]);
      const said = valueOf(version)?.trim();
      return {
        name,
        state,
        usedBy,
        holds: known(holds, wholeNumber),
        ...(said === undefined ? {} : { version: said }),
      };
    }),
  );
}

/** Who else uses them: mounts, and processes as far as this pod sees them. */
export async function readUsers(host: Host, loaded: readonly LoadedDriver[]): Promise<readonly ModuleUser[]> {
  return await readModuleUsers(
    host,
    loaded.map(({ name }) => name),
  );
}

/** `wekafsio 4.4.4`, for sentences. */
export function described({ name, version }: LoadedDriver): string {
  return version === undefined ? name : `${name} ${version}`;
}
