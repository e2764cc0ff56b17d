import { describe, expect, it } from 'vitest';
import { Buffer } from 'node:buffer';
import {
  DriversLock,
  lockText,
  MAX_LOCK_BYTES,
  type PinnedPackage,
} from '../../../../reconciler/core/drivers/lock.ts';
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

  it('is no more than a ConfigMap can hold, and what is accepted in place of another has room as well', () => {
    const packages: PinnedPackage[] = [];
    const pins = new Pins({ schemaVersion: 1, packages });
    let count = 0;
    while (count < 10_000 && pins.add(pin('a', `4.4.${count}`))) count += 1;
    expect(count).toBeGreaterThan(2000);
    expect(count).toBeLessThan(4096);
    const lock = pins.lock();
    expect(Buffer.byteLength(lockText(lock))).toBeLessThan(MAX_LOCK_BYTES);
    const again = new Pins(lock);
    expect(again.add(pin('a', '5.0.0'))).toBe(false);
    const many = { approvals: Array.from({ length: 64 }, () => 'x'.repeat(253)), insteadOf: [] };
    expect(again.replace(pin('a', '4.4.0'), { ...pin('b', '4.4.0'), accepted: many })).toBe(false);
    expect(again.lock()).toBe(lock);
    expect(again.replace(pin('a', '4.4.0'), pin('b', '4.4.0'))).toBe(true);
  });

  it('is nothing that a lock could not be read again with', () => {
    const pins = new Pins({ schemaVersion: 1, packages: [] });
    const url = `https://drivers.example.com/${'x'.repeat(600)}`;
    expect(pins.add({ ...pin('a'), origin: { kind: 'registry', url } })).toBe(false);
    expect(pins.lock().packages).toEqual([]);
  });

  it('is written as it is read, with what is in doubt', () => {
    const lock = {
      schemaVersion: 1 as const,
      packages: [pin('a')],
      doubtful: [pin('b', '4.4.6'), pin('c', '4.4.6')],
    };
    expect(DriversLock.parse(JSON.parse(lockText(lock)))).toEqual(lock);
    expect(JSON.parse(lockText({ schemaVersion: 1, packages: [] }))).toEqual({
      schemaVersion: 1,
      packages: [],
    });
  });

  it('is nothing new where it is in doubt, until one of them is chosen or somebody puts it in', () => {
    const doubtful = [pin('b', '4.4.6'), pin('c', '4.4.6')];
    const lock = { schemaVersion: 1 as const, packages: [pin('a')], doubtful };
    const pins = new Pins(lock);
    expect(pins.add(pin('d', '4.4.6'))).toBe(false);
    expect(pins.lock()).toBe(lock);
    expect(pins.doubtful('weka/dist', [target('4.4.6')])).toEqual(doubtful);
    expect(pins.choose(pin('c', '4.4.6'))).toBe(true);
    expect(pins.lock()).toEqual({ schemaVersion: 1, packages: [pin('a'), pin('c', '4.4.6')] });
    const mended = new Pins({ ...lock, packages: [pin('a'), pin('b', '4.4.6')] });
    expect(mended.isDoubtful).toBe(false);
    expect(mended.lock()).toEqual({ schemaVersion: 1, packages: [pin('a'), pin('b', '4.4.6')] });
  });
});
