import type { Kernel } from '../../schemas/node/kernel.ts';
import { isKnown, type Observed, unknown } from '../../schemas/node/observed.ts';
import { parseBuildId } from '../observe/build-id.ts';
import { parseModules } from '../observe/modules.ts';
import { wholeNumber } from '../observe/number.ts';
import { known, valueOf } from '../observe/reading.ts';
import type { DriverFacts, LoadedDriver } from '../plan/driver-facts.ts';
import { MOST_SRCVERSION, MOST_VERSION } from '../plan/package-module.ts';
import type { Host } from './host.ts';
import { readKernel, readLockdown, readModuleLoading, readModuleSignatures } from './read-kernel.ts';
import { readModuleUsers } from './read-module-users.ts';
import { readBootId, readOperatingSystem } from './read-system.ts';

export interface DriverQuestions {
  /** Modules that are asked for in detail: those of packages. */
  readonly modules: ReadonlySet<string>;
  /** Modules of the node's kernel that may have to be loaded. */
  readonly ofKernel: readonly string[];
  readonly readParts: (
    kernel: Observed<Kernel>,
    names: readonly string[],
  ) => Promise<DriverFacts['kernelParts']>;
  /** The vermagic of the running kernel's modules, where it is known. */
  readonly vermagic: string | undefined;
  /** Whether to look what uses them. */
  readonly withUsers: boolean;
  /** What the disk of the cache has left. */
  readonly freeBytes: Observed<number>;
}

/** What has to be known of a host to decide about its drivers. */
export async function readDriverFacts(host: Host, questions: DriverQuestions): Promise<DriverFacts> {
  const { ofKernel, vermagic, withUsers, freeBytes } = questions;
  const [bootId, kernel, os, modules, moduleLoading, signatures, lockdown, groups] = await Promise.all([
    readBootId(host),
    readKernel(host),
    readOperatingSystem(host),
    readLoaded(host, questions.modules),
    readModuleLoading(host),
    readModuleSignatures(host),
    readLockdown(host),
    host.list('/sys/kernel/iommu_groups'),
  ]);
  const there = new Set(isKnown(modules) ? modules.map(({ name }) => name) : []);
  const [kernelParts, users] = await Promise.all([
    questions.readParts(
      kernel,
      ofKernel.filter((name) => !there.has(name)),
    ),
    withUsers
      ? readModuleUsers(
          host,
          [...questions.modules].filter((name) => there.has(name)),
        )
      : undefined,
  ]);
  return {
    bootId,
    kernel,
    os: isKnown(os) ? os.id : os,
    modules,
    moduleLoading,
    signedOnly: signedOnly(signatures, lockdown),
    ...(vermagic === undefined ? {} : { vermagic }),
    iommu: (valueOf(groups) ?? []).length > 0 ? 'yes' : 'no',
    // One that is loaded need not be looked for.
    kernelParts: new Map([
      ...ofKernel.filter((name) => there.has(name)).map((name) => [name, { state: 'built-in' }] as const),
      ...kernelParts,
    ]),
    ...(users === undefined ? {} : { users }),
    freeBytes,
  };
}

function signedOnly(
  signatures: Awaited<ReturnType<typeof readModuleSignatures>>,
  lockdown: Awaited<ReturnType<typeof readLockdown>>,
): Observed<'yes' | 'no'> {
  if (signatures === 'enforced') return 'yes';
  if (isKnown(lockdown) && lockdown !== 'none') return 'yes';
  if (!isKnown(signatures)) return signatures;
  return isKnown(lockdown) ? 'no' : lockdown;
}

async function readLoaded(
  host: Host,
  detailed: ReadonlySet<string>,
): Promise<Observed<readonly LoadedDriver[]>> {
  const found = known(await host.text('/proc/modules', { maxBytes: 1 << 20 }), parseModules);
  if (!isKnown(found)) return found;
  return await Promise.all(
    found.map(async ({ name, state, usedBy }): Promise<LoadedDriver> => {
      if (!detailed.has(name)) return { name, state, usedBy, holds: unknown('It was not asked for.') };
      const folder = `/sys/module/${name}`;
      const [holds, version, srcversion, notes] = await Promise.all([
        host.text(`${folder}/refcnt`),
        host.text(`${folder}/version`),
        host.text(`${folder}/srcversion`),
        host.bytes(`${folder}/notes/.note.gnu.build-id`),
      ]);
      const bytes = valueOf(notes);
      const buildId = bytes && parseBuildId(bytes);
      return {
        name,
        state,
        usedBy,
        holds: known(holds, wholeNumber),
        ...lineOf('version', valueOf(version), MOST_VERSION),
        ...lineOf('srcversion', valueOf(srcversion), MOST_SRCVERSION),
        ...(buildId === undefined ? {} : { buildId }),
      };
    }),
  );
}

/** No longer than a package's own is kept, so that the two can be the same. */
function lineOf<Name extends string>(
  name: Name,
  text: string | undefined,
  most: number,
): Partial<Record<Name, string>> {
  return text === undefined ? {} : ({ [name]: text.trim().slice(0, most) } as Record<Name, string>);
}
