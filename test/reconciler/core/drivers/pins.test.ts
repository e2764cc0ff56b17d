import { describe, expect, it } from 'vitest';
import type { PinnedPackage } from '../../../../reconciler/core/drivers/lock.ts';
import { Pins } from '../../../../reconciler/core/drivers/pins.ts';
import { aPackage, target } from './build-world.ts';

function pin(letter: string, version = '4.4.5', service = 'weka/dist'): PinnedPackage {
  const origin = { kind: 'builder', pod: 'v1/Pod/weka/builder' } as const;
  return { service, package: aPackage(target(version), letter), origin, commit: 'c'.repeat(40) };
}

describe('what is pinned', () => {
  it('stays as it is, whatever else comes', () => {
    const lock = { schemaVersion: 1, packages: [pin('a')] } as const;
    const pins = new Pins({ ...lock, packages: [...lock.packages] });
    expect(pins.add(pin('b'))).toBe(true);
    expect(pins.lock().packages).toEqual([pin('a')]);
  });

  it('is apart for each service and each target, in their order', () => {
    const pins = new Pins({ schemaVersion: 1, packages: [] });
    for (const each of [pin('c', '4.4.6'), pin('b', '4.4.5', 'other/dist'), pin('a')]) pins.add(each);
    expect(pins.lock().packages).toEqual([pin('b', '4.4.5', 'other/dist'), pin('a'), pin('c', '4.4.6')]);
  });

  it('is the lock that was given where nothing was added', () => {
    const lock = { schemaVersion: 1 as const, packages: [pin('c', '4.4.6'), pin('a')] };
    expect(new Pins(lock).lock()).toBe(lock);
  });

  it('is the first of two for the same', () => {
    const lock = { schemaVersion: 1 as const, packages: [pin('b'), pin('a')] };
    expect(new Pins(lock).lock().packages).toEqual([pin('b')]);
  });

  it('is no more than a lock can hold', () => {
    const packages = Array.from({ length: 4096 }, (_, index) => pin('a', `4.4.${index}`));
    const pins = new Pins({ schemaVersion: 1, packages });
    expect(pins.add(pin('a', '5.0.0'))).toBe(false);
    expect(pins.lock().packages).toBe(packages);
  });
});
