import { describe, expect, it } from 'vitest';
import {
  isAllowedRegistry,
  isWithinRegistries,
  registryRefusal,
} from '../../../../reconciler/core/drivers/allowed-registry.ts';

const VENDOR = 'https://drivers.weka.io';
const MIRROR = 'https://mirror.example.com/weka';

describe('where packages of drivers may come from', () => {
  it.each([[VENDOR], ['https://drivers.weka.io/'], ['https://Drivers.weka.io:443']])(
    'is the registry of the vendor where the configuration names none: %s',
    (registry) => {
      expect(isAllowedRegistry(registry, undefined)).toBe(true);
      expect(isAllowedRegistry(registry, [])).toBe(false);
    },
  );

  it.each([
    ['http://drivers.weka.io'],
    ['https://drivers.weka.io:8443'],
    ['https://drivers.weka.io/other'],
    ['https://drivers.weka.io.example.com'],
    ['https://drivers.weka.io@mirror.example.com'],
    ['https://someone@drivers.weka.io'],
    ['https://drivers.weka.io?to=elsewhere'],
    ['http://169.254.169.254/latest'],
    ['https://[fe80::1]'],
    ['http://127.0.0.1:8080'],
    ['http://2130706433'],
    ['https://10.96.0.1:443'],
    [MIRROR],
    ['file:///opt/weka'],
    ['no address'],
  ])('is no other address without its word: %s', (registry) => {
    expect(isAllowedRegistry(registry, undefined)).toBe(false);
    expect(isAllowedRegistry(registry, ['https://elsewhere.example.com'])).toBe(false);
  });

  it('is what it names, and that alone', () => {
    expect(isAllowedRegistry(`${MIRROR}/`, [MIRROR])).toBe(true);
    expect(isAllowedRegistry(MIRROR, [`${MIRROR}/`])).toBe(true);
    expect(isAllowedRegistry('http://127.0.0.1:8080', ['http://127.0.0.1:8080/'])).toBe(true);
    expect(isAllowedRegistry('https://mirror.example.com/WEKA', [MIRROR])).toBe(false);
    expect(isAllowedRegistry('https://mirror.example.com/weka/deeper', [MIRROR])).toBe(false);
    expect(isAllowedRegistry(VENDOR, [MIRROR])).toBe(false);
  });

  it('is had without TLS only where that is how it is written', () => {
    expect(isAllowedRegistry('http://mirror.example.com/weka', [MIRROR])).toBe(false);
    expect(isAllowedRegistry('http://mirror.example.com/weka', ['http://mirror.example.com/weka'])).toBe(
      true,
    );
    expect(isAllowedRegistry(MIRROR, ['http://mirror.example.com/weka'])).toBe(false);
  });
});

describe('where a registry leads to', () => {
  const within = (url: string, allowed?: readonly string[]) => isWithinRegistries(new URL(url), allowed);

  it('is at or below what the configuration names', () => {
    expect(within('https://drivers.weka.io/files/a.tar.gz')).toBe(true);
    expect(within('https://files.weka.io/a.tar.gz')).toBe(false);
    expect(within(`${MIRROR}/a.tar.gz?token=x`, [MIRROR])).toBe(true);
    expect(within('https://mirror.example.com/weka-2/a.tar.gz', [MIRROR])).toBe(false);
    expect(within(`${MIRROR}/../a.tar.gz`, [MIRROR])).toBe(false);
    expect(within(`${MIRROR}/..%2f..%2Fa.tar.gz`, [MIRROR])).toBe(false);
    expect(within(`${MIRROR}/..%5ca.tar.gz`, [MIRROR])).toBe(false);
    expect(within('http://mirror.example.com/weka/a', [MIRROR])).toBe(false);
    expect(within('https://a:b@mirror.example.com/weka/a', [MIRROR])).toBe(false);
  });
});

describe('why packages may not come from an address', () => {
  it('names the line of the configuration', () => {
    expect(registryRefusal(VENDOR, undefined)).toBeUndefined();
    expect(registryRefusal(`${MIRROR}/`, undefined)).toEqual({
      why: 'Packages of drivers may not come from https://mirror.example.com/weka: while ceilings.driverRegistries of the configuration is unset, they come from https://drivers.weka.io and from Services that the repository makes.',
      hint: 'Name https://mirror.example.com/weka in ceilings.driverRegistries of the configuration if nodes may load what is there, and https://drivers.weka.io beside it where that is used too.',
    });
    expect(registryRefusal('http://169.254.169.254/latest', [MIRROR, VENDOR])).toEqual({
      why: 'Packages of drivers may not come from http://169.254.169.254/latest: ceilings.driverRegistries of the configuration does not name it.',
      hint: 'Name one of https://mirror.example.com/weka, https://drivers.weka.io, or add http://169.254.169.254/latest there if nodes may load what is there.',
    });
    expect(registryRefusal(VENDOR, [])?.hint).toBe(
      'Add https://drivers.weka.io to ceilings.driverRegistries of the configuration if nodes may load what is there.',
    );
  });

  it('is that it has no TLS where only this is missing', () => {
    expect(registryRefusal('http://mirror.example.com/weka', [MIRROR])).toEqual({
      why: 'Packages of drivers may come from there only with TLS: http://mirror.example.com/weka has none, so that whoever is on the way would decide what nodes load.',
      hint: 'Write https://mirror.example.com/weka.',
    });
    expect(registryRefusal('http://drivers.weka.io', undefined)?.hint).toBe('Write https://drivers.weka.io.');
  });

  it('is that it is no web address', () => {
    expect(registryRefusal('file:///opt/weka', undefined)?.why).toBe(
      'The registry of drivers is no web address.',
    );
    expect(registryRefusal('no address', [])?.hint).toBe('Write one that begins with https://.');
  });

  it('says nothing of a password', () => {
    const refusal = registryRefusal('https://someone:hunter2@drivers.weka.io', undefined);
    expect(refusal?.why).toMatch(/^The address https:\/\/drivers\.weka\.io is written with a user, /);
    expect(JSON.stringify(refusal)).not.toContain('hunter2');
  });
});
