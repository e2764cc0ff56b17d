import type { DriverPackage } from '../../../schemas/drivers/package.ts';
import type { DriversIntent } from '../../../schemas/node/drivers.ts';
import type { CachedPackage, DriverFacts, LoadedDriver } from '../../../nodeagent/plan/driver-facts.ts';
import type { DriverInput } from '../../../nodeagent/plan/way.ts';
import type { DriversState, LoadedPackage } from '../../../nodeagent/plan/drivers-state.ts';
import type { PackageModule } from '../../../nodeagent/plan/package-module.ts';

export const KERNEL = '6.1.0-32-cloud-amd64';
export const BOOT = '6f1c1d0e-4a57-4f0b-9a8e-6c6d6f1f0c11';
export const VERMAGIC = `${KERNEL} SMP preempt mod_unload modversions`;

export function digestOf(version: string): string {
  return [...version]
    .map((letter) => letter.charCodeAt(0).toString(16))
    .join('')
    .padEnd(64, '0')
    .slice(0, 64);
}

export function aPackage(version: string, more: Partial<DriverPackage> = {}): DriverPackage {
  return {
    version,
    kernel: KERNEL,
    architecture: 'x86_64',
    file: `${version}.tar.gz`,
    sha256: digestOf(version),
    bytes: 1 << 20,
    layout: 'modules',
    ...more,
  };
}

export function anIntent(version: string, more: Partial<DriversIntent> = {}): DriversIntent {
  return {
    package: aPackage(version),
    from: [{ url: 'https://10.96.0.7:60002' }],
    owner: 'WekaCluster weka/demo',
    replace: 'unused',
    ...more,
  };
}

export function aModule(name: string, version: string, more: Partial<PackageModule> = {}): PackageModule {
  return {
    file: '0.ko',
    name,
    architecture: 'x86_64',
    vermagic: `${VERMAGIC} `,
    depends: DEPENDS[name] ?? [],
    version,
    srcversion: `${name}-${version}`.toUpperCase(),
    isSigned: false,
    sha256: digestOf(`${name}${version}`),
    ...more,
  };
}

const DEPENDS: Readonly<Record<string, string[]>> = { igb_uio: ['uio'], wekafsio: ['wekafsgw'] };

/** In an order that is not that of loading. */
export function modulesOf(version: string): readonly PackageModule[] {
  return ['wekafsio', 'mpin_user', 'wekafsgw', 'igb_uio'].map((name) => aModule(name, version));
}

export function cachedPackage(version: string, more: Partial<CachedPackage> = {}): CachedPackage {
  return { isVerified: true, isUnpacked: true, modules: modulesOf(version), ...more };
}

/** A module as the kernel has it. */
export function loadedModule(module: PackageModule, more: Partial<LoadedDriver> = {}): LoadedDriver {
  const { name, version, srcversion } = module;
  return {
    name,
    state: 'live',
    holds: 0,
    usedBy: [],
    ...(version === undefined ? {} : { version }),
    ...(srcversion === undefined ? {} : { srcversion }),
    ...more,
  };
}

/** All modules of a version, and uio, loaded and used by one another alone. */
export function loadedModules(version: string): readonly LoadedDriver[] {
  return [
    { name: 'uio', state: 'live', holds: 1, usedBy: ['igb_uio'] },
    ...modulesOf(version).map((module) =>
      loadedModule(module, module.name === 'wekafsgw' ? { holds: 1, usedBy: ['wekafsio'] } : {}),
    ),
  ];
}

export function someFacts(more: Partial<DriverFacts> = {}): DriverFacts {
  return {
    bootId: BOOT,
    kernel: { release: KERNEL, build: '#1', architecture: 'x86_64' },
    os: 'debian',
    modules: [],
    moduleLoading: 'allowed',
    signedOnly: 'no',
    vermagic: VERMAGIC,
    iommu: 'no',
    kernelParts: new Map([
      ['uio', { state: 'file', files: [{ name: 'uio', path: '/lib/modules/uio.ko' }] }],
      ['arp_tables', { state: 'built-in' }],
    ]),
    users: [],
    freeBytes: 1e12,
    ...more,
  };
}

export function good(version: string, more: Partial<LoadedPackage> = {}): LoadedPackage {
  return { package: aPackage(version), bootId: BOOT, modules: [...modulesOf(version)], ...more };
}

export function aState(more: Partial<DriversState> = {}): DriversState {
  return { schemaVersion: 1, generation: 1, good: [], ...more };
}

/** A node that is asked for a version and has nothing yet. */
export function anInput(more: Partial<DriverInput> = {}): DriverInput {
  return {
    state: aState({ wanted: anIntent('4.4.5') }),
    facts: someFacts(),
    cache: new Map(),
    failures: new Map(),
    drainInMs: 0,
    ...more,
  };
}

/** Packages in the cache, by version. */
export function cacheOf(
  ...packages: readonly (readonly [version: string, cached?: Partial<CachedPackage>])[]
) {
  return new Map(
    packages.map(([version, more]) => [digestOf(version), cachedPackage(version, more)] as const),
  );
}
