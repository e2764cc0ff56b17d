import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aState, anIntent, good } from './driver-builders.ts';
import { DriverWorld, type NodeSetUp } from './driver-world.ts';

const NAMES = ['igb_uio', 'mpin_user', 'wekafsgw', 'wekafsio'];
const VERSIONS = ['4.4.4', '4.4.5', '4.4.6'];

const version = fc.constantFrom(...VERSIONS);
const some = <Value>(values: readonly Value[]) => fc.subarray([...values]);

/** What a kernel may have loaded: modules of any versions, with what they need. */
const loaded: fc.Arbitrary<Readonly<Record<string, string>>> = fc
  .record({ names: some(NAMES), versions: fc.array(version, { minLength: 4, maxLength: 4 }) })
  .map(({ names, versions }) => {
    const all: Readonly<Record<string, string>> = Object.fromEntries(
      names.map((name) => [name, versions[NAMES.indexOf(name)]!]),
    );
    const { igb_uio: uio, wekafsio: io, wekafsgw: gw } = all;
    return {
      ...all,
      ...(uio === undefined ? {} : { uio: 'kernel' }),
      ...(io === undefined || gw !== undefined ? {} : { wekafsgw: io }),
    };
  });

const setUp: fc.Arbitrary<NodeSetUp> = fc
  .record({
    wanted: version,
    replace: fc.constantFrom('never' as const, 'unused' as const, 'drain' as const),
    good: some(VERSIONS),
    boot: fc.constantFrom('before', undefined),
    loaded,
    held: fc.oneof(
      { weight: 2, arbitrary: fc.constant<string[]>([]) },
      { weight: 1, arbitrary: some(NAMES) },
    ),
    disk: fc.dictionary(version, fc.constantFrom('whole' as const, 'rotten' as const)),
    service: fc.dictionary(version, fc.constantFrom('whole' as const, 'spoilt' as const)),
    refusing: some(VERSIONS.flatMap((each) => NAMES.map((name) => `${each}/${name}`))),
    refuses: fc.boolean(),
    kept: fc.oneof(
      { weight: 3, arbitrary: fc.constant<string[]>([]) },
      { weight: 1, arbitrary: some(NAMES) },
    ),
    isSilent: fc.boolean(),
  })
  .map(({ wanted, replace, boot, refusing, refuses, ...rest }) => ({
    ...rest,
    // A module that is not loaded is held by nothing.
    held: rest.held.filter((name) => name in rest.loaded),
    refusing: refuses ? refusing : [],
    state: aState({
      wanted: anIntent(wanted, { replace }),
      good: rest.good.map((each) => good(each, boot === undefined ? {} : { bootId: boot })),
    }),
  }));

describe('the steps for drivers, whatever a node is like', () => {
  it('unload nothing that is in use, load nothing that was not verified, and come to an end', () => {
    fc.assert(
      fc.property(setUp, (node) => void new DriverWorld(node).run()),
      { numRuns: 1000 },
    );
  });

  it('end in the same, after whichever of them the agent is killed', () => {
    fc.assert(
      fc.property(
        setUp,
        fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 4 }),
        (node, kills) => {
          const undisturbed = new DriverWorld(node);
          const killed = new DriverWorld(node);
          const [expected, told] = [undisturbed.run(), killed.run(kills)];
          expect(killed.end).toEqual(undisturbed.end);
          expect(told.report).toEqual(expected.report);
        },
      ),
      { numRuns: 700 },
    );
  });

  it('load all of what is asked for, where nothing is in the way', () => {
    fc.assert(
      fc.property(setUp, (node) => {
        const wanted = node.state.wanted!;
        const { version: asked } = wanted.package;
        const world = new DriverWorld({
          ...node,
          held: [],
          refusing: [],
          kept: [],
          // What is loaded goes only where it can be had again.
          service: { '4.4.4': 'whole', '4.4.5': 'whole', '4.4.6': 'whole' },
          state: {
            ...node.state,
            wanted: { ...wanted, replace: 'unused' },
            // Of modules that say nothing only what was written down in this boot tells whose they are.
            good: node.state.good.map((each) =>
              node.isSilent === true ? { ...each, bootId: 'before' } : each,
            ),
          },
        });
        expect(world.run().report).toMatchObject({ state: 'loaded', loaded: { version: asked } });
        for (const name of NAMES) expect(world.end.loaded[name]).toBe(asked);
        expect(world.end.good[0]).toBe(asked);
      }),
      { numRuns: 1000 },
    );
  });

  it('leave every module where it is, where nothing may be replaced', () => {
    fc.assert(
      fc.property(setUp, (node) => {
        const world = new DriverWorld({
          ...node,
          state: { ...node.state, wanted: { ...node.state.wanted!, replace: 'never' } },
          refusing: [],
        });
        world.run();
        expect(world.end.loaded).toMatchObject(node.loaded);
      }),
      { numRuns: 200 },
    );
  });
});
