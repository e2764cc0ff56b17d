import { describe, expect, it } from 'vitest';
import { serviceAddress } from '../../../../../reconciler/core/lint/drivers/service-address.ts';

describe('the address of a distribution service', () => {
  it.each([
    ['https://drivers-dist.weka.svc.cluster.local:60002', 'weka', 'drivers-dist', 60_002],
    ['https://drivers-dist.storage.svc', 'storage', 'drivers-dist', 443],
    ['http://drivers-dist:8080/', 'weka', 'drivers-dist', 8080],
  ])('%s is a Service', (text, namespace, name, port) => {
    expect(serviceAddress(text, 'weka')).toMatchObject({ service: { namespace, name }, port });
  });

  it.each([
    'https://drivers.weka.io',
    'https://10.0.0.11:60002',
    'https://[fd00::11]:60002',
    'file:///opt/weka',
  ])('%s is a place elsewhere', (text) => {
    expect(serviceAddress(text, 'weka')).toBeDefined();
    expect(serviceAddress(text, 'weka')?.service).toBeUndefined();
  });

  it.each([
    'drivers.weka.io',
    'ftp://a',
    'https://',
    'https://a b',
    'https://a_b:1',
    'file://host/opt',
    'file://',
    '',
  ])('%s is none', (text) => {
    expect(serviceAddress(text, 'weka')).toBeUndefined();
  });

  it('is the same in every spelling', () => {
    const spellings = [
      'https://dist.weka.svc.cluster.local:443/',
      'https://DIST.weka.svc',
      'https://dist',
    ].map((text) => serviceAddress(text, 'weka')?.text);
    expect(new Set(spellings).size).toBe(1);
    expect(serviceAddress('http://dist:443', 'weka')?.text).not.toBe(spellings[0]);
  });
});
