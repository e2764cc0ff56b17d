import { describe, expect, it } from 'vitest';
import { planDrivers } from '../../../nodeagent/plan/drivers.ts';
import { foreseen } from '../../../nodeagent/plan/foresee.ts';
import { describeStep } from '../../../nodeagent/plan/step.ts';
import type { DriverInput } from '../../../nodeagent/plan/way.ts';
import {
  anInput,
  anIntent,
  aState,
  BOOT,
  cacheOf,
  digestOf,
  good,
  loadedModules,
  someFacts,
} from './driver-builders.ts';
import { ReportedDrivers } from '../../../schemas/node/drivers.ts';
import { DriverWorld, type NodeSetUp } from './driver-world.ts';

const OLD = { uio: 'kernel', igb_uio: '4.4.4', mpin_user: '4.4.4', wekafsgw: '4.4.4', wekafsio: '4.4.4' };

/** A node with 4.4.4 that is asked for 4.4.5. */
function world(more: Partial<NodeSetUp> = {}): DriverWorld {
  return new DriverWorld({
    state: aState({ wanted: anIntent('4.4.5'), good: [good('4.4.4')] }),
    loaded: OLD,
    held: [],
    disk: { '4.4.4': 'whole', '4.4.5': 'whole' },
    service: { '4.4.4': 'whole', '4.4.5': 'whole' },
    refusing: [],
    ...more,
  });
}

function told(input: DriverInput) {
  const { step, report } = planDrivers(input);
  const next = step === undefined ? '-' : describeStep(step);
  return [next, `${report?.state} ${report?.code ?? ''}`, report?.message ?? ''];
}

describe('what the node may have to go back to', () => {
  it('is downloaded again where it is rotten, before anything of it goes', () => {
    const node = world({ disk: { '4.4.4': 'rotten', '4.4.5': 'whole' }, refusing: ['4.4.5/wekafsio'] });
    node.run();
    expect(node.end.loaded).toEqual(OLD);
    expect(node.end.disk).toContain(digestOf('4.4.4'));
  });

  it('holds the replacement up where it cannot be had, and says so', () => {
    const node = world({ disk: { '4.4.4': 'rotten' }, service: { '4.4.5': 'whole' } });
    expect(node.run().report).toMatchObject({
      state: 'failed',
      code: 'NO_WAY_BACK',
      message:
        'The package of 4.4.4 cannot be had, to go back to where 4.4.5 does not load. It fails: PACKAGE_MISSING.',
      loaded: { version: '4.4.4' },
    });
    expect(node.end.loaded).toEqual(OLD);
  });

  it('is an older package that is whole, where that of the loaded modules cannot be had', () => {
    const state = aState({ wanted: anIntent('4.4.5'), good: [good('4.4.4'), good('4.4.6')] });
    const node = world({
      state,
      disk: { '4.4.6': 'whole' },
      service: { '4.4.5': 'whole' },
      refusing: ['4.4.5/wekafsio'],
    });
    node.run();
    expect(node.end.loaded).toMatchObject({ wekafsio: '4.4.6', igb_uio: '4.4.6' });
  });

  it('is nothing where somebody else loaded the modules, which is said before they may be replaced and while they are', () => {
    const byHand = (replace: 'never' | 'unused') =>
      anInput({
        state: aState({ wanted: anIntent('4.4.5', { replace }) }),
        cache: cacheOf(['4.4.5']),
        facts: someFacts({ modules: loadedModules('4.4.4') }),
      });
    expect(told(byHand('never'))[2]).toMatch(
      /may not be replaced: .* If 4\.4\.5 does not load, there is no package to go back to\.$/,
    );
    expect(told(byHand('unused'))).toEqual([
      'unload wekafsio: it is not that of 4.4.5, and nothing uses it; there is no package to go back to',
      'working ',
      'Other modules make room for those of 4.4.5, and there is no package to go back to.',
    ]);
  });

  it('is said to be gone back to, and not to be asked for', () => {
    const node = world({ refusing: ['4.4.5/wekafsio'] });
    node.run();
    expect(node.steps.map(describeStep)).toContain('load wekafsio: the node had 4.4.4 before');
  });
});

describe('a node of which it is lost what it had', () => {
  const LOST = aState({ wanted: anIntent('4.4.5'), lost: true });

  it('keeps what is loaded, and every package, since it has nothing to go back to', () => {
    const node = world({ state: LOST });
    expect(node.run().report).toMatchObject({
      state: 'failed',
      code: 'NO_WAY_BACK',
      message: expect.stringMatching(/^What the agent wrote down could not be read/) as string,
    });
    expect(node.end.loaded).toEqual(OLD);
    expect(node.end.disk).toEqual(expect.arrayContaining([digestOf('4.4.4'), digestOf('4.4.5')]));
  });

  it('knows again what it has once all of what is asked for is loaded', () => {
    const node = world({ state: LOST, loaded: {} });
    expect(node.run().report).toMatchObject({ state: 'loaded' });
    expect(node.end.disk).toEqual([digestOf('4.4.5')]);
  });
});

describe('modules of which a part has gone', () => {
  const rest = loadedModules('4.4.4').filter(({ name }) => name !== 'wekafsio');
  const free = rest.map((each) => (each.name === 'wekafsgw' ? { ...each, holds: 0, usedBy: [] } : each));
  const half = (more: Partial<DriverInput> = {}) =>
    anInput({
      state: aState({ wanted: anIntent('4.4.5'), good: [good('4.4.4')] }),
      cache: cacheOf(['4.4.4'], ['4.4.5']),
      facts: someFacts({ modules: free }),
      ...more,
    });
  const taken = someFacts({
    modules: rest.map((each) => (each.name === 'wekafsgw' ? { ...each, usedBy: [] } : each)),
    users: [{ module: 'wekafsgw', who: 'process 812 (weka_node)' }],
  });

  it('come back where the rest gets into use', () => {
    expect(told(half({ facts: taken })).slice(0, 2)).toEqual([
      'load wekafsio: the node had 4.4.4 before',
      'waiting IN_USE',
    ]);
  });

  it('come back where they may not be replaced any more', () => {
    const state = aState({ wanted: anIntent('4.4.5', { replace: 'never' }), good: [good('4.4.4')] });
    expect(told(half({ state })).slice(0, 2)).toEqual([
      'load wekafsio: the node had 4.4.4 before',
      'refused OTHER_LOADED',
    ]);
  });

  it('stay gone where they were loaded in another boot, and the rest by somebody else', () => {
    const state = aState({ wanted: anIntent('4.4.5'), good: [good('4.4.4', { bootId: 'before' })] });
    expect(told(half({ facts: taken, state })).slice(0, 2)).toEqual(['-', 'waiting IN_USE']);
  });

  it('come back where the kernel keeps one of them, and all stay until that one may be tried again', () => {
    const node = world({ kept: ['wekafsgw'] });
    const { report } = node.run();
    expect(report).toMatchObject({ state: 'waiting', code: 'IN_USE', loaded: { version: '4.4.4' } });
    expect(node.end.loaded).toEqual(OLD);
  });
});

describe('a module that is just being loaded', () => {
  it('is waited for before those that come after it', () => {
    const modules = loadedModules('4.4.5')
      .filter(({ name }) => name !== 'wekafsio')
      .map((each) => (each.name === 'wekafsgw' ? { ...each, state: 'loading' as const, usedBy: [] } : each));
    const plan = planDrivers(anInput({ cache: cacheOf(['4.4.5']), facts: someFacts({ modules }) }));
    expect(plan).toMatchObject({ waitMs: 5000, report: { state: 'working' } });
    expect(plan.step).toBeUndefined();
  });

  it('of the kernel is waited for by those that need it', () => {
    const modules = [{ name: 'uio', state: 'loading' as const, holds: 1, usedBy: [] }];
    const plan = planDrivers(anInput({ cache: cacheOf(['4.4.5']), facts: someFacts({ modules }) }));
    expect(plan).toMatchObject({ waitMs: 5000 });
    expect(plan.step).toBeUndefined();
  });
});

describe('a state that cannot be written down', () => {
  const full = { state: 'failed', code: 'NO_SPACE', message: 'The disk is full.', dueInMs: 60_000 } as const;
  const booted = (asked: string, dueInMs = 60_000) =>
    anInput({
      intent: { schemaVersion: 1, generation: 2, drivers: anIntent(asked) },
      state: aState({ wanted: anIntent('4.4.4'), good: [good('4.4.4', { bootId: 'before' })] }),
      cache: cacheOf(['4.4.4'], ['4.4.5']),
      failures: new Map([['remember', { ...full, dueInMs }]]),
    });

  it('does not keep the modules away that the node had, and is told', () => {
    expect(told(booted('4.4.4'))).toEqual([
      'load uio of the kernel: igb_uio needs it',
      'failed NO_SPACE',
      'The disk is full.',
    ]);
    expect(foreseen(booted('4.4.4')).map((step) => step.do)).toContain('load');
    expect(planDrivers(booted('4.4.4', 0)).step?.do).toBe('remember');
    const there = { ...booted('4.4.4'), facts: someFacts({ modules: loadedModules('4.4.4') }) };
    expect(planDrivers(there)).toMatchObject({
      waitMs: 60_000,
      report: { state: 'loaded', code: 'NO_SPACE' },
    });
  });

  it('keeps another package away', () => {
    expect(told(booted('4.4.5'))).toEqual(['-', 'failed NO_SPACE', 'The disk is full.']);
  });
});

describe('modules that say nothing that could be compared', () => {
  const silent = { state: aState({ wanted: anIntent('4.4.5') }), loaded: {}, isSilent: true };

  it.each(['never', 'unused', 'drain'] as const)('are loaded once each, where others %s go', (replace) => {
    const node = world({ ...silent, state: aState({ wanted: anIntent('4.4.5', { replace }) }) });
    expect(node.run().report).toMatchObject({ state: 'loaded', loaded: { version: '4.4.5' } });
    expect(node.steps.map(describeStep).filter((step) => step.startsWith('unload'))).toEqual([]);
  });

  it('are known to be the agent’s own where it is killed amid them', () => {
    for (let after = 1; after < 12; after++) {
      const node = world(silent);
      expect(node.run([after]).report).toMatchObject({ state: 'loaded' });
      expect(node.steps.some((step) => step.do === 'unload')).toBe(false);
    }
  });

  it('are replaced where they are of another package, and come back where that does not load', () => {
    const state = aState({ wanted: anIntent('4.4.5'), good: [good('4.4.4')] });
    const node = world({ state, isSilent: true });
    node.run();
    expect(node.end.loaded).toMatchObject({ igb_uio: '4.4.5', wekafsio: '4.4.5' });
    const back = world({ state, isSilent: true, refusing: ['4.4.5/wekafsio'] });
    expect(back.run().report).toMatchObject({ state: 'failed', loaded: { version: '4.4.4' } });
    expect(back.end.loaded).toEqual(OLD);
  });

  it('are others after a boot in which somebody else loaded them', () => {
    const state = aState({
      wanted: anIntent('4.4.5', { replace: 'never' }),
      inserted: { bootId: 'before', modules: [{ name: 'wekafsgw', sha256: digestOf('wekafsgw4.4.5') }] },
    });
    const node = world({ ...silent, state, loaded: { wekafsgw: '4.4.5' } });
    expect(node.run().report).toMatchObject({ code: 'OTHER_LOADED' });
    const own = aState({ ...state, inserted: { ...state.inserted!, bootId: BOOT } });
    expect(world({ ...silent, state: own, loaded: { wekafsgw: '4.4.5' } }).run().report).toMatchObject({
      state: 'loaded',
    });
  });
});

describe('drivers in a report', () => {
  it('that are not as this version describes them are unknown, and no absence', () => {
    expect(ReportedDrivers.parse(undefined)).toBeUndefined();
    const odd = {
      state: 'loaded',
      modules: [{ name: 'wekafsio', state: 'other', version: '1'.repeat(300) }],
      cached: [],
    };
    expect(ReportedDrivers.parse(odd)).toMatchObject({ state: 'failed', code: 'UNKNOWN' });
  });
});
