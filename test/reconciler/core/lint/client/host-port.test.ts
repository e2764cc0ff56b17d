import { describe, expect, it } from 'vitest';
import { hostPortFault, isHost } from '../../../../../reconciler/core/lint/client/host-port.ts';

describe('an address as HOST:PORT', () => {
  it.each(['10.0.0.11:14000', 'backend-1:1', 'a.b.example.com:65535', '[fd00::11]:14000', '[::1]:80'])(
    '%s is one',
    (text) => {
      expect(hostPortFault(text)).toBeUndefined();
    },
  );

  it.each([
    ['', 'names no host'],
    ['10.0.0.11', 'names no port'],
    ['10.0.0.11:', 'names no port'],
    ['[fd00::11]', 'names no port'],
    ['10.0.0.11:0', 'names no port from 1 to 65535'],
    ['10.0.0.11:65536', 'names no port from 1 to 65535'],
    ['10.0.0.11:1e3', 'names no port from 1 to 65535'],
    ['10.0.0.256:80', 'names no host'],
    ['10.0.0:80', 'names no host'],
    ['-a:80', 'names no host'],
    ['fd00::11', 'is an IPv6 address, which needs brackets before its port'],
    ['[10.0.0.11]:80', 'has no IPv6 address in its brackets'],
    ['https://a:80', 'is no address'],
  ])('%s is none: it %s', (text, fault) => {
    expect(hostPortFault(text)).toBe(fault);
  });

  it('takes no name that is longer than DNS allows', () => {
    expect(isHost(`${'a'.repeat(63)}.example.com`)).toBe(true);
    expect(isHost(`${'a'.repeat(64)}.example.com`)).toBe(false);
  });
});
