import { describe, expect, it } from 'vitest';
import type { Consent } from '../../../../reconciler/core/desired/desired.ts';
import { CONSENT } from '../../../../reconciler/core/drivers/live-intent.ts';
import { bookOf, useOf } from './build-consents.ts';
import { cluster } from './build-manifests.ts';
import { aPackage, KERNEL, published, says, target, withPackage, type World } from './build-world.ts';
import { asked } from './decision-words.ts';

const OLD = aPackage();
const NEW = aPackage(target('4.4.6'), 'b');
const END = '2026-12-03T12:00:00Z';
const AFTER = new Date('2026-12-03T12:00:01Z');

const having = (about: typeof OLD, generation: number) =>
  says('node-a', {
    generation,
    drivers: {
      state: 'loaded',
      loaded: { version: about.version, sha256: about.sha256, kernel: KERNEL },
      modules: [],
      cached: [],
    },
  });

/** A node that has 4.4.5 loaded and was let replace it by 4.4.6, by a consent that was used. */
function allowed(next = NEW): { readonly world: World; readonly consent: Consent } {
  const world = withPackage();
  world.see({ 'node-a': having(OLD, 1) });
  world.files = { ...world.files, 'cluster.yaml': cluster('demo', '4.4.6') };
  world.apply();
  world.end('build', published(next));
  world.book = bookOf([]);
  const decision = world.apply();
  const consent = decision.intents.find(({ node }) => node === 'node-a')?.consent;
  if (consent === undefined) throw new Error('No consent is asked for.');
  world.book = bookOf([consent], { uses: [useOf(consent, END)] });
  world.apply(world.decide(), true);
  expect(world.intent('node-a')).toMatchObject({ generation: 2, drivers: { replace: 'unused' } });
  return { world, consent };
}

describe('loaded modules', () => {
  it('may make way for as long as the consent holds, which the intent names, its file there or not', () => {
    const { world, consent } = allowed();
    expect(world.intents.get('node-a')?.metadata.annotations?.[CONSENT]).toMatch(/^sha256:/);
    expect(asked(world.apply())).toEqual({});
    world.book = bookOf([], { uses: [{ ...useOf(consent, END), done: true }] });
    expect(asked(world.apply())).toEqual({});
    expect(world.intent('node-a')?.drivers?.replace).toBe('unused');
  });

  it('stay once it has ended, and a new consent is asked for after that', () => {
    const { world, consent } = allowed();
    world.book = bookOf([consent], { uses: [useOf(consent, END)], now: AFTER });
    const ended = world.apply();
    expect(asked(ended)).toEqual({ 'node-a': ['keep what is loaded: the consent to replace it has ended'] });
    expect(world.intent('node-a')).toMatchObject({ generation: 3, drivers: { replace: 'never' } });
    expect(world.intents.get('node-a')?.metadata.annotations).toBeUndefined();
    const [next] = world.apply().intents.filter(({ node }) => node === 'node-a');
    expect(next?.consent).toEqual(consent);
    expect(world.intent('node-a')?.generation).toBe(3);
  });

  it('that took their place are not replaced by an old consent either, once somebody loads others by hand', () => {
    const { world, consent } = allowed();
    world.see({ 'node-a': having(NEW, 2) });
    expect(asked(world.apply())).toEqual({});
    world.book = bookOf([], { uses: [useOf(consent, END)], now: AFTER });
    world.apply();
    expect(world.intent('node-a')?.drivers?.replace).toBe('never');
    world.see({ 'node-a': having(OLD, 3) });
    world.apply();
    expect(world.intent('node-a')?.drivers?.replace).toBe('never');
  });

  it('stay where they are others than those consented to, and need a consent of their own', () => {
    const { world, consent } = allowed();
    const other = aPackage(target('9.9.9'), 'c');
    world.see({ 'node-a': having(other, 2) });
    expect(asked(world.apply())).toEqual({
      'node-a': ['keep what is loaded: the consent is to another replacement'],
    });
    expect(world.intent('node-a')).toMatchObject({ generation: 3, drivers: { replace: 'never' } });
    expect(world.intents.get('node-a')?.metadata.annotations).toBeUndefined();
    const [next] = world.apply().intents.filter(({ node }) => node === 'node-a');
    expect(next?.consent?.content).toMatchObject({ from: '9.9.9', fromSha256: other.sha256 });
    expect(world.intent('node-a')?.drivers?.replace).toBe('never');
    // By the one that was given those go that it names.
    world.see({ 'node-a': having(OLD, 3) });
    expect(world.apply().intents.find(({ node }) => node === 'node-a')?.consent).toEqual(consent);
  });

  it('that the vendor’s command would replace stay as well, from the pass on in which that is seen', () => {
    const closed = aPackage(target('4.4.6'), 'b', 'vendor');
    const { world, consent } = allowed(closed);
    const waits = (about: typeof OLD) => {
      const { version, sha256 } = about;
      const loaded = { version, sha256, kernel: KERNEL };
      const wanted = { version: closed.version, sha256: closed.sha256 };
      const drivers = { wanted, state: 'vendor' as const, loaded, modules: [], cached: [closed.sha256] };
      world.see({ 'node-a': says('node-a', { generation: 2, drivers }) });
    };
    const loads = () => world.decide().pods.filter(({ does }) => does === 'load');
    waits(OLD);
    expect(loads()).toMatchObject([{ replace: 'unused' }]);
    waits(aPackage(target('9.9.9'), 'c'));
    expect(loads()).toEqual([]);
    waits(OLD);
    world.book = bookOf([consent], { uses: [useOf(consent, END)], now: AFTER });
    expect(loads()).toEqual([]);
  });

  it('go on making way once some of them are gone, so that nobody can tell any more which they were', () => {
    const { world } = allowed();
    const left = {
      state: 'working' as const,
      modules: [{ name: 'mpin_user', state: 'other' as const }],
      cached: [],
    };
    world.see({
      'node-a': says('node-a', {
        generation: 2,
        drivers: { wanted: { version: '4.4.6', sha256: NEW.sha256 }, ...left },
      }),
    });
    expect(asked(world.apply())).toEqual({});
    expect(world.intent('node-a')?.drivers?.replace).toBe('unused');
  });

  it('go on making way where nobody asks consent for it, and where nobody can tell how much is asked', () => {
    const { world } = allowed();
    world.book = bookOf([], { required: ['data-loss'], now: AFTER });
    expect(asked(world.apply())).toEqual({});
  });

  it('go by a consent that names the package, and another package needs another one', () => {
    const { world, consent } = allowed();
    expect(consent.content).toMatchObject({ fromSha256: OLD.sha256, sha256: NEW.sha256 });
    world.end('build', published(aPackage(target('4.4.6'), 'e')));
    const [offer] = world.decide().offered;
    if (offer === undefined) throw new Error('Nothing is offered.');
    world.book = bookOf([offer.consent], { uses: [useOf(consent, END)] });
    const [intent] = world.apply().intents.filter(({ node }) => node === 'node-a');
    expect(intent?.consent?.content).toMatchObject({ sha256: 'e'.repeat(64) });
    expect(intent?.allowed).toBeDefined();
  });

  it('are told to take a consent only once the package is there', () => {
    const world = withPackage();
    world.see({ 'node-a': having(OLD, 1) });
    world.files = { ...world.files, 'cluster.yaml': cluster('demo', '4.4.6') };
    const [row] = world.apply().seen.nodes;
    expect(row?.why).toBe(
      'It has 4.4.5 loaded. The Approval to replace that is asked for once the package of 4.4.6 is there, since it names its digest.',
    );
  });
});
