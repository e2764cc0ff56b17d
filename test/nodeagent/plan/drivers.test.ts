import { describe, expect, it } from 'vitest';
import { planDrivers } from '../../../nodeagent/plan/drivers.ts';
import type { DriverInput } from '../../../nodeagent/plan/way.ts';
import { afterStep, foreseen } from '../../../nodeagent/plan/foresee.ts';
import { describeStep } from '../../../nodeagent/plan/step.ts';
import { unknown } from '../../../schemas/node/observed.ts';
import {
  aModule,
  anInput,
  anIntent,
  aPackage,
  aState,
  BOOT,
  cacheOf,
  digestOf,
  good,
  KERNEL,
  loadedModule,
  loadedModules,
  modulesOf,
  someFacts,
  VERMAGIC,
} from './driver-builders.ts';

/** The steps that follow, in words. */
function steps(input: DriverInput): readonly string[] {
  return foreseen(input).map((step) => describeStep(step).split(':')[0]!);
}

function told(input: DriverInput) {
  const { report } = planDrivers(input);
  return `${report?.state} ${report?.code ?? ''} ${report?.message ?? ''}`;
}

const NEW = anIntent('4.4.6');
/** A node that has 4.4.5 and is asked for 4.4.6, which it has in its cache. */
const upgrade = (more: Partial<DriverInput> = {}) =>
  anInput({
    state: aState({ wanted: NEW, good: [good('4.4.5')] }),
    cache: cacheOf(['4.4.5'], ['4.4.6']),
    facts: someFacts({ modules: loadedModules('4.4.5') }),
    ...more,
  });

describe('the first load', () => {
  it('writes the intent down, and then downloads and unpacks the package', () => {
    const input = anInput({
      state: aState({ generation: 0 }),
      intent: { schemaVersion: 1, generation: 3, drivers: anIntent('4.4.5') },
    });
    expect(steps(input)).toEqual(['write down the state', 'download 4.4.5.tar.gz', 'unpack 4.4.5.tar.gz']);
    expect(told(input)).toBe('working  ');
  });

  it('loads each module after those that it needs, those of the kernel included', () => {
    const input = anInput({ cache: cacheOf(['4.4.5', { isUnpacked: false }]) });
    expect(steps(input)).toEqual([
      'load uio of the kernel',
      'unpack 4.4.5.tar.gz',
      'load igb_uio',
      'load mpin_user',
      'load wekafsgw',
      'load wekafsio',
      'write down the state',
      'remove what was unpacked',
    ]);
  });

  it('verifies what it finds in the cache before anything of it is loaded, or relied on at the next boot', () => {
    const cache = cacheOf(['4.4.5', { isVerified: false, isUnpacked: false }]);
    expect(steps(anInput({ cache }))[0]).toBe('verify package 342e342e3500');
    const facts = someFacts({ modules: loadedModules('4.4.5') });
    expect(steps(anInput({ cache, facts }))).toEqual(['write down the state', 'verify package 342e342e3500']);
  });

  it('leaves modules alone that are loaded as they would be, whoever loaded them', () => {
    const input = anInput({
      cache: cacheOf(['4.4.5']),
      facts: someFacts({ modules: loadedModules('4.4.5') }),
    });
    expect(steps(input)).toEqual(['write down the state', 'remove what was unpacked']);
    expect(planDrivers(input).report).toMatchObject({
      state: 'loaded',
      loaded: { version: '4.4.5', sha256: digestOf('4.4.5'), kernel: KERNEL },
      cached: [digestOf('4.4.5')],
    });
  });

  it('downloads the package of modules that are loaded, for the next boot, and says loaded meanwhile', () => {
    const loaded = anInput({
      state: aState({ wanted: anIntent('4.4.5'), good: [good('4.4.5')] }),
      facts: someFacts({ modules: loadedModules('4.4.5') }),
    });
    expect(steps(loaded)).toEqual(['download 4.4.5.tar.gz']);
    expect(told(loaded)).toBe('loaded  ');
    const failure = {
      state: 'failed',
      code: 'UNREACHABLE',
      message: 'Nobody is there.',
      dueInMs: 5,
    } as const;
    const away = { ...loaded, failures: new Map([[`download ${digestOf('4.4.5')}`, failure]]) };
    expect(planDrivers(away)).toMatchObject({ waitMs: 5, report: { state: 'loaded', code: 'UNREACHABLE' } });
  });

  it('brings vfio-pci where there is an IOMMU, and does without where it does not load', () => {
    const kernelParts = new Map([
      ...someFacts().kernelParts,
      [
        'vfio_pci',
        {
          state: 'file' as const,
          files: [
            { name: 'vfio', path: '/lib/modules/vfio.ko' },
            { name: 'vfio_pci', path: '/lib/modules/vfio-pci.ko' },
          ],
        },
      ] as const,
    ]);
    const facts = someFacts({ modules: loadedModules('4.4.5'), iommu: 'yes', kernelParts });
    const input = anInput({
      state: aState({ wanted: anIntent('4.4.5'), good: [good('4.4.5')] }),
      cache: cacheOf(['4.4.5', { isUnpacked: false }]),
      facts,
    });
    expect(steps(input)).toEqual(['load vfio of the kernel', 'load vfio_pci of the kernel']);
    const failure = { state: 'failed', code: 'LOAD_FAILED', message: 'No.', dueInMs: 0 } as const;
    const failures = new Map([['load-of-kernel /lib/modules/vfio.ko', failure]]);
    expect(steps({ ...input, failures })).toEqual([]);
    expect(told({ ...input, failures })).toBe('loaded  ');
    expect(steps({ ...input, facts: { ...facts, iommu: 'no' } })).toEqual([]);
  });

  it('leaves a package of the vendor to its loader, and tells which of its modules are there', () => {
    const wanted = anIntent('4.4.5', {
      package: aPackage('4.4.5', { layout: 'vendor', file: 'weka-driver-1-2.zip' }),
    });
    const facts = someFacts({ modules: [loadedModule(aModule('wekafsgw', '4.4.5'))] });
    const input = anInput({ state: aState({ wanted }), facts });
    expect(steps(input)).toEqual([]);
    expect(planDrivers(input).report).toMatchObject({
      state: 'vendor',
      modules: [
        { name: 'igb_uio', state: 'missing' },
        { name: 'mpin_user', state: 'missing' },
        { name: 'wekafsgw', state: 'loaded', version: '4.4.5' },
        { name: 'wekafsio', state: 'missing' },
      ],
    });
  });

  it('does nothing, and tells nothing, where no intent asks for drivers', () => {
    const input = anInput({
      state: aState({ generation: 0 }),
      cache: cacheOf(['4.4.5', { isUnpacked: false }]),
    });
    expect(planDrivers(input)).toEqual({ report: undefined });
  });
});

describe('an intent', () => {
  it('of a lower generation than was gone by changes nothing', () => {
    const input = anInput({
      state: aState({ generation: 7, wanted: anIntent('4.4.5'), good: [good('4.4.5')] }),
      cache: cacheOf(['4.4.5', { isUnpacked: false }]),
      facts: someFacts({ modules: loadedModules('4.4.5') }),
      intent: { schemaVersion: 1, generation: 6, drivers: NEW },
    });
    expect(planDrivers(input).step).toBeUndefined();
    expect(planDrivers(input).report?.wanted?.version).toBe('4.4.5');
  });

  it('that asks for no drivers unloads nothing and keeps the packages that were loaded', () => {
    const input = upgrade({ intent: { schemaVersion: 1, generation: 2 } });
    expect(steps(input)).toEqual([
      'write down the state',
      'remove what was unpacked',
      'drop package 342e342e3600',
    ]);
  });
});

describe('what is refused before anything is loaded or unloaded', () => {
  const refusals: readonly [what: string, input: DriverInput, told: RegExp][] = [
    [
      'a module for another kernel',
      upgrade({
        cache: cacheOf(
          ['4.4.5'],
          ['4.4.6', { modules: [aModule('wekafsio', '4.4.6', { vermagic: '5.15.0 SMP mod_unload ' })] }],
        ),
      }),
      /^refused VERMAGIC Module wekafsio was built for kernel 5\.15\.0, and the package says 6\.1/,
    ],
    [
      'a module of a kernel with the same name that was configured otherwise',
      upgrade({
        cache: cacheOf(
          ['4.4.5'],
          ['4.4.6', { modules: [aModule('wekafsio', '4.4.6', { vermagic: `${KERNEL} SMP mod_unload ` })] }],
        ),
      }),
      /^refused VERMAGIC .*'6\.1\.0-32-cloud-amd64 SMP mod_unload ', and this kernel is/,
    ],
    [
      'a module for another machine',
      upgrade({
        cache: cacheOf(
          ['4.4.5'],
          ['4.4.6', { modules: [aModule('wekafsio', '4.4.6', { architecture: 'aarch64' })] }],
        ),
      }),
      /^refused ARCHITECTURE Module wekafsio is for aarch64/,
    ],
    [
      'an unsigned module where the kernel takes signed ones only',
      upgrade({ facts: someFacts({ modules: loadedModules('4.4.5'), signedOnly: 'yes' }) }),
      /^refused UNSIGNED Module igb_uio is not signed/,
    ],
    [
      'an unsigned module where that is not known and others would have to go first',
      upgrade({
        facts: someFacts({ modules: loadedModules('4.4.5'), signedOnly: unknown('It cannot be read.') }),
      }),
      /^failed UNKNOWN .*It cannot be read\./,
    ],
    [
      'any module where the kernel loads no more',
      upgrade({ facts: someFacts({ modules: loadedModules('4.4.5'), moduleLoading: 'disabled' }) }),
      /^refused LOADING_DISABLED/,
    ],
    [
      'a module that needs one of the kernel that there is not',
      anInput({
        cache: cacheOf(['4.4.5']),
        facts: someFacts({ kernelParts: new Map([['uio', { state: 'absent' }]]) }),
      }),
      /^refused NO_DEPENDENCY Module igb_uio needs uio/,
    ],
    [
      'a package for another kernel than the one that runs',
      anInput({
        state: aState({ wanted: anIntent('4.4.5', { package: aPackage('4.4.5', { kernel: '5.4.0' }) }) }),
      }),
      /^waiting KERNEL The package is for kernel 5\.4\.0 on x86_64, and 6\.1/,
    ],
    [
      'a package while the disk has no place for it',
      anInput({ facts: someFacts({ freeBytes: 1 << 20 }) }),
      /^failed NO_SPACE The disk .* has 1 MiB left, and the package takes 65 MiB/,
    ],
    [
      'everything where the loaded modules cannot be read',
      anInput({ facts: someFacts({ modules: unknown('/proc/modules cannot be read.') }) }),
      /^failed UNKNOWN \/proc\/modules cannot be read\./,
    ],
  ];
  it.each(refusals)('%s', (_, input, expected) => {
    expect(told(input)).toMatch(expected);
    expect(foreseen(input).filter((step) => /load/.test(step.do))).toEqual([]);
  });

  describe('a disk that is short', () => {
    const MIB = 1 << 20;
    const short = (partBytes: ReadonlyMap<string, number>) =>
      anInput({
        state: aState({ wanted: anIntent('4.4.5', { package: aPackage('4.4.5', { bytes: 200 * MIB }) }) }),
        facts: someFacts({ freeBytes: 200 * MIB, partBytes }),
      });

    it('has place for the rest of a package of which a part is there', () => {
      expect(told(short(new Map()))).toMatch(/has 200 MiB left, and the package takes 264 MiB\./);
      expect(steps(short(new Map([[digestOf('4.4.5'), 100 * MIB]])))[0]).toBe('download 4.4.5.tar.gz');
      expect(told(short(new Map([[digestOf('4.4.5'), 50 * MIB]])))).toMatch(/takes 214 MiB more\./);
    });

    it('is freed of what came of another package, which can be asked for again', () => {
      const other = digestOf('other');
      expect(steps(short(new Map([[other, 100 * MIB]])))).toEqual([`drop package ${other.slice(0, 12)}`]);
    });
  });

  it('takes a signed module where signatures are enforced', () => {
    const modules = modulesOf('4.4.5').map((module) => ({ ...module, isSigned: true }));
    const input = anInput({
      cache: cacheOf(['4.4.5', { modules }]),
      facts: someFacts({ signedOnly: 'yes' }),
    });
    expect(steps(input)).toContain('load wekafsio');
  });

  it('asks the kernel by trying where it is not known what it takes and nothing has to go first', () => {
    const facts = someFacts({ signedOnly: unknown('It cannot be read.') });
    expect(steps(anInput({ cache: cacheOf(['4.4.5']), facts }))).toContain('load wekafsio');
  });

  it('does without uio and what needs it on Container-Optimized OS', () => {
    const facts = someFacts({ os: 'cos', kernelParts: new Map([['uio', { state: 'absent' }]]) });
    expect(steps(anInput({ cache: cacheOf(['4.4.5']), facts })).slice(0, 3)).toEqual([
      'load mpin_user',
      'load wekafsgw',
      'load wekafsio',
    ]);
  });
});

describe('an upgrade', () => {
  it('unloads what nothing uses, users first, and loads the new modules', () => {
    expect(steps(upgrade())).toEqual([
      'unload wekafsio',
      'unload wekafsgw',
      'unload mpin_user',
      'unload igb_uio',
      'load igb_uio',
      'load mpin_user',
      'load wekafsgw',
      'load wekafsio',
      'write down the state',
      'remove what was unpacked',
    ]);
  });

  it('keeps the package that was loaded before, and drops what nothing needs', () => {
    const cache = cacheOf(['4.4.4'], ['4.4.5'], ['4.4.6']);
    expect(steps(upgrade({ cache })).slice(-2)).toEqual([
      'remove what was unpacked',
      'drop package 342e342e3400',
    ]);
  });

  it('leaves a module that is the same in both versions', () => {
    const kept = aModule('igb_uio', '1.0.2', { buildId: 'ab12' });
    const withKept = (version: string) => [
      ...modulesOf(version).filter(({ name }) => name !== 'igb_uio'),
      kept,
    ];
    const cache = cacheOf(
      ['4.4.5', { modules: withKept('4.4.5') }],
      ['4.4.6', { modules: withKept('4.4.6') }],
    );
    const modules = loadedModules('4.4.5').map((each) =>
      each.name === 'igb_uio' ? loadedModule(kept, { buildId: 'ab12' }) : each,
    );
    expect(steps(upgrade({ cache, facts: someFacts({ modules }) }))).not.toContain('unload igb_uio');
  });

  it('leaves what WEKA brings along where its version and sources are the same, however it was built', () => {
    const kept = (buildId: string) => aModule('igb_uio', 'weka1.0.2', { buildId });
    const made = { modules: [kept('new'), aModule('wekafsgw', '4.4.6')] };
    const cache = cacheOf(['4.4.5'], ['4.4.6', made]);
    const modules = [
      loadedModule(kept('old'), { buildId: 'old', holds: 1 }),
      loadedModule(aModule('wekafsgw', '4.4.5')),
    ];
    const input = upgrade({ cache, facts: someFacts({ modules }) });
    expect(steps(input).slice(0, 2)).toEqual(['unload wekafsgw', 'load wekafsgw']);
  });

  it('unpacks the new modules before the old ones go', () => {
    const cache = cacheOf(['4.4.5'], ['4.4.6', { isUnpacked: false }]);
    expect(steps(upgrade({ cache })).slice(0, 2)).toEqual(['unpack 4.4.6.tar.gz', 'unload wekafsio']);
  });

  it('tells two builds of the same sources apart where the kernel does', () => {
    const modules = [aModule('wekafsio', '4.4.6', { buildId: 'new', depends: [] })];
    const loaded = [loadedModule(modules[0]!, { buildId: 'old' })];
    const input = upgrade({ cache: cacheOf(['4.4.6', { modules }]), facts: someFacts({ modules: loaded }) });
    expect(steps(input).slice(0, 2)).toEqual(['unload wekafsio', 'load wekafsio']);
  });

  it('replaces nothing where it may not', () => {
    const input = upgrade({ state: aState({ wanted: { ...NEW, replace: 'never' }, good: [good('4.4.5')] }) });
    expect(steps(input)).toEqual([]);
    expect(told(input)).toMatch(
      /^refused OTHER_LOADED .*may not be replaced: igb_uio 4\.4\.5, mpin_user 4\.4\.5/,
    );
    expect(planDrivers(input).report).toMatchObject({
      loaded: { version: '4.4.5' },
      modules: [
        { name: 'igb_uio', state: 'other', version: '4.4.5' },
        { name: 'mpin_user', state: 'other' },
        { name: 'wekafsgw', state: 'other' },
        { name: 'wekafsio', state: 'other' },
      ],
    });
  });

  it('looks what uses the modules before it decides', () => {
    const { users: _, ...facts } = someFacts({ modules: loadedModules('4.4.5') });
    expect(planDrivers(upgrade({ facts }))).toMatchObject({ needsUsers: true });
    expect(planDrivers(upgrade({ facts })).step).toBeUndefined();
  });

  const held = (name: string, by: Partial<ReturnType<typeof loadedModule>>) =>
    loadedModules('4.4.5').map((each) => (each.name === name ? { ...each, ...by } : each));
  const users: readonly [what: string, input: DriverInput, who: string][] = [
    [
      'a mount',
      upgrade({
        facts: someFacts({
          modules: loadedModules('4.4.5'),
          users: [{ module: 'wekafsio', who: '2 mounts of container a' }],
        }),
      }),
      '2 mounts of container a',
    ],
    [
      'a process',
      upgrade({
        facts: someFacts({
          modules: held('igb_uio', { holds: 1 }),
          users: [{ module: 'igb_uio', who: 'process 812 (weka_node)' }],
        }),
      }),
      'process 812 (weka_node)',
    ],
    [
      'a module of somebody else',
      upgrade({
        facts: someFacts({ modules: held('wekafsgw', { holds: 2, usedBy: ['wekafsio', 'foreign'] }) }),
      }),
      'module foreign, which needs wekafsgw',
    ],
    [
      'something that cannot be seen',
      upgrade({ facts: someFacts({ modules: held('wekafsio', { holds: 1 }) }) }),
      'something that cannot be seen from here holds wekafsio',
    ],
    [
      'nobody knows what',
      upgrade({ facts: someFacts({ modules: held('mpin_user', { holds: unknown('It cannot be read.') }) }) }),
      'unknown users of mpin_user (It cannot be read.)',
    ],
  ];
  it.each(users)('unloads nothing at all while one of the modules is used by %s', (_, input, who) => {
    expect(steps(input)).toEqual([]);
    expect(planDrivers(input).report).toMatchObject({ state: 'waiting', code: 'IN_USE', users: [who] });
    expect(planDrivers(input).waitMs).toBe(5000);
  });

  it('tells what uses them to let go, where it is told to, and again after a while', () => {
    const facts = someFacts({
      modules: held('wekafsio', { holds: 1 }),
      users: [{ module: 'wekafsio', who: '1 mount' }],
    });
    const input = upgrade({
      facts,
      state: aState({ wanted: { ...NEW, replace: 'drain' }, good: [good('4.4.5')] }),
    });
    expect(planDrivers(input).step?.do).toBe('drain');
    expect(told(input)).toMatch(/^waiting DRAINING .* told to let go, and have not yet: 1 mount/);
    const deaf = {
      state: 'failed',
      code: 'UNLOAD_FAILED',
      message: 'It cannot be told.',
      dueInMs: 500,
    } as const;
    const untold = planDrivers({ ...input, failures: new Map([['drain', deaf]]) });
    expect(untold).toMatchObject({ waitMs: 500, report: { code: 'UNLOAD_FAILED', users: ['1 mount'] } });
    const drained = afterStep(input, planDrivers(input).step!);
    expect(planDrivers(drained).step).toBeUndefined();
    expect(steps({ ...drained, facts: someFacts({ modules: loadedModules('4.4.5') }) })[0]).toBe(
      'unload wekafsio',
    );
  });

  it('verifies what it may have to go back to before anything of it goes', () => {
    const cache = cacheOf(['4.4.5', { isVerified: false, isUnpacked: false }], ['4.4.6']);
    expect(steps(upgrade({ cache })).slice(0, 2)).toEqual(['verify package 342e342e3500', 'unload wekafsio']);
  });
});

describe('a new version that does not load', () => {
  const failure = {
    state: 'failed',
    code: 'LOAD_FAILED',
    message: 'The kernel did not take module wekafsgw: Cannot allocate memory.',
    module: 'wekafsgw',
    dueInMs: 900,
  } as const;
  const loaded = ['igb_uio', 'mpin_user'].map((name) => loadedModule(aModule(name, '4.4.6')));
  const broken = upgrade({
    facts: someFacts({ modules: loaded }),
    failures: new Map([[`load ${digestOf('4.4.6')} wekafsgw`, failure]]),
  });

  it('gives way to the one that the node had', () => {
    expect(steps(broken)).toEqual([
      'write down the state',
      'unload mpin_user',
      'unload igb_uio',
      'load uio of the kernel',
      'load igb_uio',
      'load mpin_user',
      'load wekafsgw',
      'load wekafsio',
      'remove what was unpacked',
    ]);
  });

  it('is told as failed, with what the node has instead', () => {
    const failed = afterStep(broken, planDrivers(broken).step!);
    const back = { ...failed, facts: someFacts({ modules: loadedModules('4.4.5') }) };
    expect(told(back)).toBe(
      'failed LOAD_FAILED The kernel did not take module wekafsgw: Cannot allocate memory. The node has 4.4.5.',
    );
    expect(planDrivers(back).report).toMatchObject({
      wanted: { version: '4.4.6' },
      loaded: { version: '4.4.5' },
    });
  });

  it('is refused where the kernel would not have it, whatever the node has instead', () => {
    const rejected = { ...failure, state: 'refused', code: 'KEY_REJECTED', module: 'igb_uio' } as const;
    const failures = new Map([[`load ${digestOf('4.4.6')} igb_uio`, rejected]]);
    const input = { ...broken, facts: someFacts({ modules: loadedModules('4.4.5').slice(0, 1) }), failures };
    const { report } = planDrivers(afterStep(input, planDrivers(input).step!));
    expect(report).toMatchObject({ state: 'refused', code: 'KEY_REJECTED' });
    expect(report!.modules[0]).toMatchObject({ name: 'igb_uio', state: 'refused' });
  });

  it('is tried again for another generation of the intent, and in another boot', () => {
    const { state } = afterStep(broken, planDrivers(broken).step!);
    const failed = { ...upgrade(), state };
    expect(steps(failed)).not.toContain('unload wekafsio');
    expect(steps({ ...failed, intent: { schemaVersion: 1, generation: 2, drivers: NEW } })).toContain(
      'unload wekafsio',
    );
    const rebooted = someFacts({ bootId: 'another', modules: [] });
    expect(foreseen({ ...failed, facts: rebooted }).find((step) => step.do === 'load')).toMatchObject({
      sha256: digestOf('4.4.6'),
    });
  });

  it('is tried again, ever more seldom, where there is nothing to go back to', () => {
    const input = { ...broken, state: aState({ wanted: NEW }), cache: cacheOf(['4.4.6']) };
    expect(planDrivers(input)).toMatchObject({
      waitMs: 900,
      report: { state: 'failed', code: 'LOAD_FAILED' },
    });
    expect(planDrivers(input).step).toBeUndefined();
    expect(planDrivers(input).report?.modules[2]).toMatchObject({
      name: 'wekafsgw',
      state: 'failed',
      why: failure.message,
    });
    const due = {
      ...input,
      failures: new Map([[`load ${digestOf('4.4.6')} wekafsgw`, { ...failure, dueInMs: 0 }]]),
    };
    expect(planDrivers(due)).toMatchObject({ step: { do: 'load' }, report: { state: 'failed' } });
  });
});

describe('another boot', () => {
  it('loads from the cache what was asked for last, with nothing of the cluster', () => {
    const input = anInput({
      state: aState({
        generation: 9,
        wanted: anIntent('4.4.5'),
        good: [good('4.4.5', { bootId: 'before' })],
      }),
      cache: cacheOf(['4.4.5', { isVerified: false, isUnpacked: false }]),
    });
    expect(steps(input).slice(0, 4)).toEqual([
      'verify package 342e342e3500',
      'load uio of the kernel',
      'unpack 4.4.5.tar.gz',
      'load igb_uio',
    ]);
  });

  it('loads what it had before where what is asked for cannot be had, and says so', () => {
    const failure = {
      state: 'failed',
      code: 'UNREACHABLE',
      message: 'Nobody is there.',
      dueInMs: 5,
    } as const;
    const input = anInput({
      state: aState({ wanted: NEW, good: [good('4.4.5', { bootId: 'before' })] }),
      cache: cacheOf(['4.4.5']),
      failures: new Map([[`download ${digestOf('4.4.6')}`, failure]]),
    });
    expect(steps(input)).toContain('load wekafsio');
    expect(told(input)).toBe('failed UNREACHABLE Nobody is there.');
    const there = { ...input, facts: someFacts({ modules: loadedModules('4.4.5') }) };
    expect(planDrivers(there).report).toMatchObject({ state: 'failed', loaded: { version: '4.4.5' } });
    // It is downloaded first where that may be tried.
    expect(planDrivers({ ...input, failures: new Map() }).step?.do).toBe('download');
  });

  it('of an older kernel loads what was loaded on it, if it is of the same version', () => {
    const other = aPackage('4.4.5', { kernel: '6.12.0', sha256: digestOf('other') });
    const state = aState({
      wanted: anIntent('4.4.5', { package: other }),
      good: [good('4.4.5', { bootId: 'before' })],
    });
    const input = anInput({ state, cache: cacheOf(['4.4.5']) });
    expect(steps(input)).toContain('load wekafsio');
    expect(told(input)).toMatch(/^waiting KERNEL/);
    const newer = { ...state, wanted: { ...NEW, package: { ...other, version: '4.4.6' } } };
    expect(steps({ ...input, state: newer })).not.toContain('load wekafsio');
  });
});

describe('what the report says of the kernel', () => {
  it('takes a module that says nothing to be compared for ours only in the boot in which it was loaded', () => {
    const { version: _, srcversion: __, ...silent } = aModule('wekafsgw', '4.4.5');
    const cache = cacheOf(['4.4.5', { modules: [silent], isUnpacked: false }]);
    const facts = someFacts({ modules: [{ name: 'wekafsgw', state: 'live', holds: 0, usedBy: [] }] });
    const state = (bootId: string) =>
      aState({ wanted: anIntent('4.4.5'), good: [good('4.4.5', { bootId, modules: [silent] })] });
    expect(planDrivers(anInput({ cache, facts, state: state(BOOT) })).report?.state).toBe('loaded');
    expect(planDrivers(anInput({ cache, facts, state: state('before') })).report?.modules).toMatchObject([
      { name: 'wekafsgw', state: 'other' },
    ]);
  });

  it('ignores the space that the kernel ends its vermagic with', () => {
    const facts = someFacts({ vermagic: VERMAGIC.trim() });
    expect(steps(anInput({ cache: cacheOf(['4.4.5']), facts }))).toContain('load wekafsio');
  });
});
