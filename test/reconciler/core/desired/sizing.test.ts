import { describe, expect, it } from 'vitest';
import {
  computeCapacityMiB,
  countedCores,
  cpuMillis,
  diskGiB,
  hugePagesMiB,
  memoryMiB,
  proxyHugePagesMiB,
  type SizedRole,
} from '../../../../reconciler/core/desired/sizing.ts';

type Policy = Parameters<typeof cpuMillis>[0]['policy'];

describe('millicores of a container', () => {
  it.each<[SizedRole, number, number, Policy, boolean, number | undefined]>([
    ['drive', 2, 0, 'dedicated', false, 3000],
    ['drive', 2, 0, 'dedicated', true, 3000],
    ['drive', 2, 0, 'dedicated_ht', false, 5000],
    ['drive', 2, 0, 'auto', false, 3000],
    ['drive', 2, 0, 'auto', true, 5000],
    ['compute', 4, 1, 'dedicated', false, 6000],
    ['compute', 4, 1, 'dedicated_ht', true, 10_000],
    ['s3', 1, 1, 'auto', false, 3000],
    ['nfs', 1, 1, 'auto', true, 4000],
    ['dataServices', 1, 2, 'dedicated', false, 4000],
    ['smbw', 1, 3, 'dedicated', false, 2000],
    ['client', 1, 0, 'auto', false, 2000],
    ['client', 2, 5, 'dedicated_ht', true, 5000],
    ['drive', 3, 1, 'manual', false, 4100],
    ['drive', 3, 1, 'shared', false, undefined],
  ])(
    '%s with %d and %d extra cores, %s, hyper-threading %s: %s',
    (role, cores, extraCores, policy, ht, millis) => {
      expect(cpuMillis({ role, cores, extraCores, policy, hyperThreading: ht })).toBe(millis);
    },
  );
});

describe('MiB of memory of a container', () => {
  it.each<[SizedRole, number, number, number, number]>([
    ['client', 1, 0, 0, 2000 + 1965 + 3050],
    ['client', 4, 2, 0, 2000 + 1965 + 4 * 3050],
    ['drive', 1, 0, 1, 4000 + 4000 + 3000 + 700],
    ['drive', 3, 1, 6, 4000 + 4000 + 4 * 3000 + 6 * 700],
    ['compute', 1, 0, 0, 4000 + 2700 + 5200],
    ['compute', 4, 2, 0, 4000 + 2700 + 6 * 5200],
    ['s3', 1, 1, 0, 450 + 2450 + 16_000 + 3050],
    ['nfs', 2, 1, 0, 450 + 2450 + 16_000 + 2 * 3050],
    ['smbw', 1, 0, 0, 450 + 2450 + 16_000 + 3050],
    ['dataServices', 2, 1, 0, 450 + 1965 + 3584 + 2 * 512],
  ])('%s with %d and %d extra cores and %d drives: %d', (role, cores, extraCores, drives, mib) => {
    expect(memoryMiB({ role, cores, extraCores, drives })).toBe(mib);
  });
});

describe('MiB of huge pages of a container', () => {
  it.each<[SizedRole, number, number, number, number]>([
    ['drive', 1, 1, 0, 1600],
    ['drive', 3, 6, 0, 5400],
    ['drive', 2, 0, 0, 3200],
    ['compute', 1, 0, 0, 3000],
    ['compute', 2, 0, 1000, 6000],
    ['compute', 2, 0, 4001.5, 7402],
    ['s3', 2, 0, 0, 2800],
    ['nfs', 1, 0, 0, 1400],
    ['smbw', 1, 0, 0, 1400],
    ['dataServices', 4, 0, 0, 1536],
    ['client', 2, 0, 0, 3000],
  ])('%s with %d cores, %d drives and %d MiB for capacity: %d', (role, cores, drives, capacityMiB, mib) => {
    expect(hugePagesMiB({ role, cores, drives, capacityMiB })).toBe(mib);
  });
});

describe('the rest of the sums', () => {
  it('shares huge pages for capacity among compute containers', () => {
    expect(computeCapacityMiB({ tlcGiB: 60_000, qlcGiB: 0, computeContainers: 6 })).toBe(10_240);
    expect(computeCapacityMiB({ tlcGiB: 0, qlcGiB: 360_000, computeContainers: 6 })).toBe(10_240);
    expect(computeCapacityMiB({ tlcGiB: 1, qlcGiB: 1, computeContainers: 0 })).toBe(0);
  });

  it('gives the proxy of shared drives huge pages by their size', () => {
    expect(proxyHugePagesMiB({ drives: 6, largestTiB: 6.98 })).toBe(378 + 4 * 6 * 7 + 2048);
  });

  it('wants 10 GiB of disk for a container and 20 for a core', () => {
    expect(diskGiB(3)).toBe(70);
  });

  it('counts extra cores where a role has them', () => {
    const cores = (role: SizedRole) => countedCores({ role, cores: 2, extraCores: 1 });
    expect([cores('drive'), cores('smbw'), cores('client')]).toEqual([3, 2, 2]);
  });
});
