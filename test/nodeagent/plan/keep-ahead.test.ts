import { describe, expect, it } from 'vitest';
import { planDrivers } from '../../../nodeagent/plan/drivers.ts';
import { foreseen } from '../../../nodeagent/plan/foresee.ts';
import { describeStep } from '../../../nodeagent/plan/step.ts';
import type { DriverInput } from '../../../nodeagent/plan/way.ts';
import {
  anInput,
  anIntent,
  aPackage,
  aState,
  cachedPackage,
  digestOf,
  good,
  loadedModules,
  modulesOf,
  someFacts,
} from './driver-builders.ts';

const COMING = '6.12.0-1-cloud-amd64';
const NEXT = aPackage('4.4.5', { kernel: COMING, file: 'coming.tar.gz', sha256: digestOf('coming') });
const FROM = [{ url: 'https://10.96.0.8:60002' }];
const WANTED = anIntent('4.4.5', { next: { package: NEXT, from: FROM } });
const VERMAGIC = `${COMING} SMP preempt mod_unload modversions`;

const cachedNext = (more: object = {}) =>
  cachedPackage('4.4.5', {
    modules: modulesOf('4.4.5').map((module) => ({ ...module, vermagic: VERMAGIC })),
    isUnpacked: false,
    ...more,
  });

/** A node with drivers loaded, that is told of the package for a kernel which it has not booted. */
function before(more: Partial<DriverInput> = {}): DriverInput {
  return anInput({
    state: aState({ wanted: WANTED, good: [good('4.4.5')] }),
    cache: new Map([[digestOf('4.4.5'), cachedPackage('4.4.5', { isUnpacked: false })]]),
    facts: someFacts({ modules: loadedModules('4.4.5') }),
    ...more,
  });
}

/** The same node once it has booted that kernel, with nothing of the cluster. */
function booted(more: Partial<DriverInput> = {}): DriverInput {
  const { cache, state } = before();
  return anInput({
    state,
    cache: new Map([...cache, [NEXT.sha256, cachedNext({ isVerified: false })]]),
    facts: someFacts({
      bootId: 'a7c1e0f2-0000-4000-8000-6c6d6f1f0c11',
      kernel: { release: COMING, build: '#1', architecture: 'x86_64' },
      vermagic: VERMAGIC,
    }),
    ...more,
  });
}

const steps = (input: DriverInput) => foreseen(input).map((step) => describeStep(step).split(':')[0]!);

describe('the package for a kernel that the node will boot', () => {
  it('is downloaded once there is nothing else to do, and kept', () => {
    expect(planDrivers(before()).step).toMatchObject({
      do: 'download',
      package: NEXT,
      from: FROM,
      why: `the node will need it when it boots ${COMING}`,
    });
    expect(planDrivers(before()).report).toMatchObject({
      state: 'loaded',
      wanted: { sha256: digestOf('4.4.5') },
    });
    expect(steps(before())).toEqual(['download coming.tar.gz']);
    const loading = before({ facts: someFacts() });
    expect(steps(loading).indexOf('load wekafsio')).toBeLessThan(
      steps(loading).indexOf('download coming.tar.gz'),
    );
  });

  it('is verified when the agent starts again, and goes when it is not asked for any more', () => {
    const cache = new Map([...before().cache, [NEXT.sha256, cachedNext({ isVerified: false })]]);
    expect(planDrivers(before({ cache })).step).toMatchObject({ do: 'verify', sha256: NEXT.sha256 });
    const state = aState({ wanted: anIntent('4.4.5'), good: [good('4.4.5')] });
    expect(planDrivers(before({ cache, state })).step).toMatchObject({ do: 'drop', sha256: NEXT.sha256 });
  });

  it('that cannot be had leaves what is loaded loaded, and is told', () => {
    const failure = {
      state: 'failed',
      code: 'UNREACHABLE',
      message: 'Nobody is there.',
      dueInMs: 60_000,
    } as const;
    const plan = planDrivers(before({ failures: new Map([[`download ${NEXT.sha256}`, failure]]) }));
    expect(plan.step).toBeUndefined();
    expect(plan.waitMs).toBe(60_000);
    expect(plan.report).toMatchObject({ state: 'loaded', code: 'UNREACHABLE', message: 'Nobody is there.' });
    const full = planDrivers(
      before({ facts: someFacts({ modules: loadedModules('4.4.5'), freeBytes: 1 << 20 }) }),
    );
    expect(full.step).toBeUndefined();
    expect(full.report).toMatchObject({ state: 'loaded', code: 'NO_SPACE' });
  });

  it('is loaded from the cache at the first boot of that kernel, with nothing of the cluster', () => {
    const all = steps(booted());
    expect(all[0]).toMatch(/^verify/);
    expect(all).toEqual(expect.arrayContaining(['unpack coming.tar.gz', 'load wekafsgw', 'load wekafsio']));
    const facts = { ...booted().facts, modules: loadedModules('4.4.5') };
    const there = planDrivers({ ...booted(), facts });
    expect(there.report).toMatchObject({
      state: 'loaded',
      wanted: { version: '4.4.5', sha256: NEXT.sha256 },
      loaded: { sha256: NEXT.sha256, kernel: COMING },
    });
    // What the node may go back to, with the kernel before, stays.
    expect(steps({ ...booted(), facts }).filter((step) => step.startsWith('drop'))).toEqual([]);
    expect(planDrivers({ ...booted(), facts }).step).toMatchObject({
      do: 'remember',
      state: { wanted: WANTED, good: [{ package: NEXT }, { package: aPackage('4.4.5') }] },
    });
  });

  it('is downloaded then, where it did not come before', () => {
    const { cache } = before();
    expect(planDrivers(booted({ cache })).step).toMatchObject({ do: 'download', package: NEXT, from: FROM });
  });

  it('replaces nothing that somebody has loaded by then', () => {
    const facts = { ...booted().facts, modules: loadedModules('4.4.4') };
    const cache = new Map([...before().cache, [NEXT.sha256, cachedNext()]]);
    expect(planDrivers(booted({ cache, facts })).report).toMatchObject({
      state: 'refused',
      code: 'OTHER_LOADED',
    });
    expect(steps(booted({ cache, facts })).filter((step) => step.startsWith('unload'))).toEqual([]);
  });

  it('is nothing to an agent that boots the kernel before again', () => {
    const { wanted, good: was } = booted().state;
    const back = before({
      state: aState({ wanted: wanted!, good: [{ ...was[0]!, bootId: 'before' }] }),
      cache: new Map([...before().cache, [NEXT.sha256, cachedNext()]]),
      facts: someFacts(),
    });
    expect(steps(back)).toContain('load wekafsio');
    expect(planDrivers(back).report).toMatchObject({ wanted: { sha256: digestOf('4.4.5') } });
  });

  it('of the vendor is left to its loader', () => {
    const vendor = { ...NEXT, file: 'coming.zip', layout: 'vendor' } as const;
    const state = aState({
      wanted: anIntent('4.4.5', { next: { package: vendor, from: FROM } }),
      good: [good('4.4.5')],
    });
    expect(planDrivers(before({ state })).step).toBeUndefined();
  });

  it('of the vendor is left to its loader after the boot as well, whatever the one before was', () => {
    const vendor = { ...NEXT, file: 'coming.zip', layout: 'vendor' } as const;
    const state = aState({ wanted: anIntent('4.4.5', { next: { package: vendor, from: FROM } }) });
    const { step, report } = planDrivers(booted({ state, cache: new Map() }));
    expect([step, report]).toMatchObject([undefined, { state: 'vendor', wanted: { sha256: NEXT.sha256 } }]);
  });

  it('is loaded after the boot where the one before is the vendor’s', () => {
    const vendor = aPackage('4.4.5', { file: 'now.zip', layout: 'vendor' });
    const state = aState({
      wanted: anIntent('4.4.5', { package: vendor, next: { package: NEXT, from: FROM } }),
    });
    expect(steps(booted({ state }))).toContain('load wekafsio');
  });
});
